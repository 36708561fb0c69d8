// <form class="follow" method="post" data-api="/api/v1/members/…/follow" data-followed="…"
//   data-on="Unfollow" data-off="Follow" data-failed="…">
// PUT or DELETE, then the button and the count change; without this script the form posts.

import { toast } from "./toast.js";

const TIMEOUT_MS = 15_000;

export function enhanceFollows(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target.closest("form.follow[data-api]");
    if (!form) return;
    event.preventDefault();
    toggle(form);
  });
}

async function toggle(form) {
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  try {
    show(form, await request(form.dataset.api, form.dataset.followed !== "true"));
  } catch (error) {
    toast(error.detail ?? form.dataset.failed);
  } finally {
    button.disabled = false;
    button.focus();
  }
}

async function request(address, follow) {
  const response = await fetch(address, {
    method: follow ? "PUT" : "DELETE",
    headers: { accept: "application/json" },
    credentials: "same-origin",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  if (response.status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  }
  throw Object.assign(new Error(`status ${response.status}`), { detail: body?.detail ?? body?.title });
}

function show(form, { followed, followers }) {
  const button = form.querySelector("button");
  form.dataset.followed = String(followed);
  form.action = form.dataset.api.replace("/api/v1", "").replace(/follow$/, followed ? "unfollow" : "follow");
  button.textContent = followed ? form.dataset.on : form.dataset.off;
  button.classList.toggle("quiet", followed);
  const count = document.querySelector(".follower-count");
  if (count) count.textContent = followers.toLocaleString("en");
}
