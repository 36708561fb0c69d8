// <form class="like" method="post" data-api="/api/v1/reviews/…/like" data-failed="…">
// <form class="want" method="post" data-api="/api/v1/films/…/watchlist" data-failed="…">
// Button and count change at once; PUT or DELETE follows; a failure takes it back and says so.

import { stand } from "./stand.js";
import { toast } from "./toast.js";

const FORMS = ":is(form.like, form.want)[data-api]";

export function enhanceLikes(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target.closest(FORMS);
    if (!form) return;
    event.preventDefault();
    toggle(form);
  });
  for (const form of root.querySelectorAll(FORMS)) resume(form);
}

// A reload overtakes a request that is under way. The next page shows what was wanted, and asks
// for it once more: asked twice, it is done once.
const underWay = (form) => `like:${form.dataset.api}`;

function resume(form) {
  const liked = sessionStorage.getItem(underWay(form));
  if (liked === null) return;
  const shown = form.querySelector("button").getAttribute("aria-pressed");
  if (liked === shown) sessionStorage.removeItem(underWay(form));
  else toggle(form);
}

// While a request is under way, further presses only change what is wanted; what is wanted last
// is sent when it has come back.
const wanted = new WeakMap();

function toggle(form) {
  const liked = form.querySelector("button").getAttribute("aria-pressed") !== "true";
  show(form, liked, count(form) + (liked ? 1 : -1));
  if (liked) beat(form);
  const isBusy = wanted.has(form);
  wanted.set(form, liked);
  sessionStorage.setItem(underWay(form), liked);
  if (!isBusy) send(form, !liked);
}

async function send(form, before) {
  let sent = before;
  try {
    while (wanted.get(form) !== sent) {
      const liked = wanted.get(form);
      const answer = await stand(form.dataset.api, liked);
      sent = liked;
      // The server's count, unless the member has changed their mind meanwhile.
      const counted = answer?.likes ?? answer?.count;
      if (wanted.get(form) === sent && Number.isInteger(counted)) show(form, sent, counted);
    }
  } catch (error) {
    const shown = wanted.get(form);
    if (shown !== sent) show(form, sent, count(form) + (sent ? 1 : -1));
    toast(error.detail ?? form.dataset.failed);
  } finally {
    wanted.delete(form);
    sessionStorage.removeItem(underWay(form));
  }
}

// Among other films a button has no count.
const counter = (form) => form.querySelector(".like-count, .want-count");

function count(form) {
  return Number(counter(form)?.textContent.replaceAll(/\D/g, "") ?? 0);
}

function show(form, liked, likes) {
  const button = form.querySelector("button");
  button.setAttribute("aria-pressed", String(liked));
  // Without this script the form would ask for the opposite of what is shown.
  button.value = String(!liked);
  const shown = counter(form);
  if (!shown) return;
  shown.textContent = Math.max(0, likes).toLocaleString("en");
  shown.hidden = likes <= 0 && shown.matches(".want-count");
}

function beat(form) {
  const button = form.querySelector("button");
  button.classList.remove("just-liked");
  void button.offsetWidth; // starts the animation again
  button.classList.add("just-liked");
}
