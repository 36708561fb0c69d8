// Reading a room: where the unread begins, how far the member has read, what is older, and ways
// to a message and to a day.

// The server moves a marker once in five seconds; what is posted sooner waits there.
const READ_EVERY_MS = 5_500;
const HISTORY = 50;
// Closer than this to the beginning, older messages are loaded.
const NEAR_BEGINNING_PX = 400;
// Until a node has heard what another one has.
const BEHIND_MS = 500;

export class Reading {
  #room;
  #self;
  #lastN;
  #read;
  // Up to where it was read when the divider was set.
  #readBefore;
  // Before the server is told, and while it is.
  #timer;
  #isTelling = false;
  #readAt = 0;
  #isLoading = false;
  #jump;
  #title;

  constructor({ dataset: { n, read, member } }, room) {
    this.#room = room;
    this.#self = member || null;
    this.#lastN = Number(n) || 0;
    this.#read = Number(read) || 0;
    this.#title = document.title;
    this.#jump = document.createElement("button");
    Object.assign(this.#jump, { type: "button", className: "room-jump", hidden: true });
    this.#jump.addEventListener("click", () => this.#toNewest());
    const { messages } = room;
    messages.scroller.after(this.#jump);
    this.#open();
    messages.scroller.addEventListener("scroll", () => this.look(), { passive: true });
    document.addEventListener("visibilitychange", () => {
      this.look();
      if (document.hidden) this.#leave();
    });
    addEventListener("pagehide", () => this.#leave());
    messages.list.addEventListener("click", (event) => this.#follow(event));
    for (const form of document.querySelectorAll(".room-days")) {
      form.addEventListener("submit", (event) => toDay(event, form));
    }
  }

  set title(name) {
    this.#title = this.#title.replace(/^.*(?= · )/u, () => name);
    this.#showTitle();
  }

  // At the first unread message, or at the end; whoever was led to a message is there already.
  #open() {
    const { messages, isNewest } = this.#room;
    this.offerJump();
    if (!isNewest) return;
    const isUnread = this.#self && this.#read > 0 && this.#read < this.#lastN;
    if (isUnread) this.#divide(this.#read);
    if (location.hash.startsWith("#m-")) return;
    messages.toEnd();
    const divider = this.#divider;
    if (divider && messages.isAbove(divider)) divider.scrollIntoView({ block: "start" });
    this.look();
  }

  // What is known from elsewhere: the last message's ordinal, and up to which the member has read.
  begin(lastN, read = 0) {
    this.#lastN = Math.max(this.#lastN, lastN);
    this.#read = Math.max(this.#read, read);
  }

  // A message has come; `follows`: it is seen at once.
  posted({ n, by }, follows) {
    const before = this.#lastN;
    this.#lastN = n;
    const isOwn = by === this.#self;
    if (isOwn) this.#divider?.remove();
    if (follows && !document.hidden) {
      this.#markRead();
    } else if (!isOwn) {
      const { messages } = this.#room;
      const isOver = !this.#divider || this.#readBefore < this.#read;
      if (isOver) messages.keepingPlace(() => this.#divide(Math.max(this.#read, before)));
      this.offerJump();
      this.#showTitle();
    }
  }

  get #divider() {
    return this.#room.messages.list.querySelector(".new-messages");
  }

  // Above the first of others' behind this ordinal.
  #divide(n) {
    this.#divider?.remove();
    this.#readBefore = n;
    const first = this.#room.messages.firstAfter(n);
    if (!first) return;
    const divider = document.createElement("li");
    divider.className = "new-messages";
    divider.setAttribute("role", "separator");
    divider.textContent = this.#room.texts["new-messages"];
    first.before(divider);
  }

  offerJump() {
    const { messages, isNewest, texts } = this.#room;
    const unread = this.#lastN - this.#read;
    const isUnread = this.#self && this.#read > 0 && unread > 0;
    this.#jump.hidden = isNewest && messages.isAtEnd;
    this.#jump.textContent = isUnread ? `↓ ${texts["new-messages"]} (${unread})` : `↓ ${texts.newest}`;
  }

  #toNewest() {
    if (this.#room.isNewest) this.#room.messages.toEnd();
    else location.assign(location.pathname);
  }

  #showTitle() {
    const unread = document.hidden ? this.#lastN - this.#read : 0;
    document.title = unread > 0 && this.#read > 0 ? `(${unread}) ${this.#title}` : this.#title;
  }

  // What is in sight by now, and what that means.
  look() {
    const { messages, isNewest } = this.#room;
    if (isNewest && messages.isAtEnd && !document.hidden) this.#markRead();
    this.offerJump();
    this.#showTitle();
    if (messages.isNearBeginning(NEAR_BEGINNING_PX)) this.#older();
  }

  #markRead() {
    const isDue = this.#self && this.#lastN > this.#read;
    if (!isDue || this.#timer || this.#isTelling) return;
    const pause = Math.max(0, this.#readAt + READ_EVERY_MS - Date.now());
    this.#timer = setTimeout(() => this.#tellRead(), pause);
  }

  async #tellRead() {
    this.#timer = undefined;
    this.#isTelling = true;
    const n = this.#lastN;
    const answer = await this.#room.connection.ask({ t: "read", n }).catch(() => undefined);
    this.#isTelling = false;
    if (answer?.t === "ack") this.#hasRead(n);
    // another tab has just said so
    else if (answer?.retry_ms) this.#timer = setTimeout(() => this.#tellRead(), answer.retry_ms);
  }

  #hasRead(n) {
    this.#read = n;
    this.#readAt = Date.now();
    this.look();
  }

  // What was seen is read, though it is not time yet to say so.
  #leave() {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#room.connection.leaveWord({ t: "read", n: this.#lastN });
    this.#hasRead(this.#lastN);
  }

  async #older() {
    const { messages, connection, people } = this.#room;
    const first = messages.list.querySelector(".message[data-seq]");
    const isBeginning = !first || Number(first.dataset.n) <= 1;
    if (isBeginning || this.#isLoading || !connection.isOpen || this.#isSearching) return;
    this.#isLoading = true;
    messages.expectOlder();
    const before = Number(first.dataset.seq);
    const seq = connection.place?.seq ?? 0;
    const answer = await connection
      .ask({ t: "history", before, limit: HISTORY })
      .catch(() => undefined);
    this.#isLoading = false;
    // what is posted may be answered by a node that has not heard yet of what is shown here
    const isBehind = answer?.at < seq;
    if (isBehind) setTimeout(() => this.look(), BEHIND_MS);
    const isWanted = answer?.t === "history" && !isBehind && messages.find(before);
    const older = isWanted ? answer.messages : [];
    for (const { by, name, mentions } of older) people.know([{ id: by, name }, ...(mentions ?? [])]);
    messages.prepend(older, answer?.at);
    if (!isWanted) return;
    // the unread may begin among them
    if (this.#divider) messages.keepingPlace(() => this.#divide(this.#readBefore));
    if (!answer.more) document.getElementById("older")?.parentElement.remove();
  }

  // What a search has found is not the history.
  get #isSearching() {
    return new URLSearchParams(location.search).has("q");
  }

  // To a message that is here: without another page.
  #follow(event) {
    const link = event.target.closest(".message-reply");
    const seq = link && new URL(link.href).hash.replace("#m-", "");
    if (!seq || !this.#room.messages.find(seq)) return;
    event.preventDefault();
    location.hash = `m-${seq}`;
  }
}

// A day of the reader's, not of the server's.
function toDay(event, form) {
  event.preventDefault();
  const midnight = new Date(`${form.elements.day.value}T00:00`);
  location.assign(`${form.getAttribute("action")}?day=${midnight.toISOString()}`);
}
