// What scripts keep in this browser is its member's. It goes when they take a way out, and when
// somebody else has come in. Over TLS the answer to a sign-out tells the browser to forget it, too
// (Clear-Site-Data).

import { OUTBOX } from "./room-outbox.js";

const WAYS_OUT = "form[action='/sign-out'], form[action='/settings/withdraw']";
// Whose it is what is kept here.
const MEMBER = "member";

export function enhanceLeaving(root) {
  for (const form of root.querySelectorAll(WAYS_OUT)) form.addEventListener("submit", leave);
  // Nobody is signed in: whose session was over finds again what they were writing.
  const member = root.querySelector(".menu[data-member]")?.dataset.member;
  if (!member) return;
  const former = localStorage.getItem(MEMBER);
  if (former && former !== member) forgetAll();
  localStorage.setItem(MEMBER, member);
}

// Once more when the page goes: others save drafts then.
function leave() {
  forgetAll();
  addEventListener("pagehide", forgetAll);
}

function forgetAll() {
  try {
    localStorage.clear();
    sessionStorage.clear();
    indexedDB.deleteDatabase(OUTBOX);
  } catch {
    // Where nothing may be kept, nothing is.
  }
}
