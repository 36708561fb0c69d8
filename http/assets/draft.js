// <textarea data-draft="parasite-2019" data-draft-restored="…" data-draft-discard="…">
// Keeps what is being written in this browser until the form is sent.

const PREFIX = "draft:";
// At the bound the oldest draft goes.
const MOST_DRAFTS = 20;
const PAUSE_MS = 400;

const SENT = "draft-sent";

export function enhanceDrafts(root) {
  forgetSent();
  for (const area of root.querySelectorAll("textarea[data-draft]")) keep(area);
}

function keep(area) {
  const key = PREFIX + area.dataset.draft;
  const original = area.value;
  const draft = read(key);
  // After an error the server sends back what was written; that is newer than the draft.
  const isFresh = !area.form.querySelector("[role=alert]");
  if (draft && isFresh && draft.text !== original) {
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
  addEventListener("pagehide", () => area.isConnected && !area.form.dataset.sent && save());
  area.form.addEventListener("submit", () => {
    // If it doesn't arrive, the draft is still there; it goes on the page that says it did.
    write(key, area.value);
    sessionStorage.setItem(SENT, key);
    area.form.dataset.sent = "true";
  });
}

// The page after the form was sent: if it is no error, the draft has become a review.
function forgetSent() {
  const key = sessionStorage.getItem(SENT);
  if (!key) return;
  const status = performance.getEntriesByType("navigation")[0]?.responseStatus ?? 0;
  if (status >= 200 && status < 400) localStorage.removeItem(key);
  if (status !== 0) sessionStorage.removeItem(SENT);
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
