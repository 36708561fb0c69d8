// <textarea data-draft="parasite-2019" data-draft-restored="…" data-draft-discard="…">
// Keeps what is being written in this browser until the form is sent.

const PREFIX = "draft:";
// At the bound the oldest draft goes.
const MOST_DRAFTS = 20;
const PAUSE_MS = 400;

const SENT = "draft-sent";
// A page that says that a review has arrived.
const DONE = "[data-flash='review-posted'], [data-flash='review-saved']";

export function enhanceDrafts(root) {
  forgetSent(root);
  for (const area of root.querySelectorAll("textarea[data-draft]")) keep(area);
}

function keep(area) {
  const key = PREFIX + area.dataset.draft;
  const draft = read(key);
  // After an error the server sends back what was written: newer than the draft, and kept nowhere.
  const isRefused = area.form.querySelector("[role=alert]") !== null;
  // What stands, whatever the browser has put into the field by itself.
  const original = isRefused ? undefined : area.defaultValue;
  if (draft?.text === original) localStorage.removeItem(key);
  else if (draft && !isRefused) {
    area.value = draft.text;
    tell(area, key, original);
  }
  let waiting;
  const save = () => {
    clearTimeout(waiting);
    if (area.value === original) localStorage.removeItem(key);
    else write(key, area.value);
  };
  area.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE_MS);
  });
  addEventListener("pagehide", () => area.isConnected && save());
  area.form.addEventListener("submit", () => {
    save();
    sessionStorage.setItem(SENT, key);
  });
}

// The page behind a form that was sent. If it doesn't say that it has arrived, it has not: out of a
// tunnel, this may be the same form again.
function forgetSent(root) {
  const key = sessionStorage.getItem(SENT);
  sessionStorage.removeItem(SENT);
  if (key && root.querySelector(DONE)) localStorage.removeItem(key);
}

function tell(area, key, original) {
  const note = document.createElement("p");
  const discard = document.createElement("button");
  note.className = "draft-note";
  note.setAttribute("role", "status");
  note.textContent = area.dataset.draftRestored;
  discard.type = "button";
  discard.textContent = area.dataset.draftDiscard;
  discard.addEventListener("click", () => {
    area.value = original;
    localStorage.removeItem(key);
    note.remove();
    area.focus();
  });
  note.append(discard);
  area.after(note);
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, text) {
  try {
    localStorage.setItem(key, JSON.stringify({ text, at: Date.now() }));
    const drafts = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
    drafts.sort((a, b) => (read(a)?.at ?? 0) - (read(b)?.at ?? 0));
    for (const old of drafts.slice(0, -MOST_DRAFTS)) localStorage.removeItem(old);
  } catch {
    // Private windows and full disks: writing goes on without drafts.
  }
}
