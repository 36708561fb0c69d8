// <form class="follow" method="post" data-api="/api/v1/members/…/follow" data-followed="…"
//   data-on="Unfollow" data-off="Follow" data-failed="…">
// PUT or DELETE, then the button and the count change; without this script the form posts.

import { stand } from "./stand.js";
import { toast } from "./toast.js";

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
    show(form, await stand(form.dataset.api, form.dataset.followed !== "true"));
  } catch (error) {
    toast(error.detail ?? form.dataset.failed);
  } finally {
    button.disabled = false;
    button.focus();
  }
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
