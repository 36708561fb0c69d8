// <form class="notifications-seen" data-all> marks all as seen. Where all that is new is on the
// page, looking at it is enough: it is sent once the page is looked at. The new ones stay marked
// until the next page.

import { showUnseen } from "./bell.js";

const form = document.querySelector("form.notifications-seen[data-all]");
if (form) whenVisible(() => see(form).catch((error) => console.warn(error)));

function whenVisible(act) {
  if (document.visibilityState === "visible") act();
  else document.addEventListener("visibilitychange", () => whenVisible(act), { once: true });
}

// If it fails, the button is still there.
async function see(form) {
  const data = new FormData(form);
  const response = await fetch("/api/v1/notifications/seen", {
    method: "PUT",
    headers: { "content-type": "application/json", "idempotency-key": data.get("command") },
    credentials: "same-origin",
    body: JSON.stringify({ position: Number(data.get("position")) }),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  form.remove();
  showUnseen((await response.json()).unseen);
}
