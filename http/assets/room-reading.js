// Reading a room: where the unread begins, how far the member has read, and what is older.

// The server moves a marker once in five seconds.
const READ_EVERY_MS = 5_500;
const HISTORY = 50;
// Closer than this to the beginning, older messages are loaded.
const NEAR_TOP_PX = 200;

export class Reading {
  #room;
  #self;
  #lastN;
  #read;
  #timer;
  #readAt = 0;
  #isLoading = false;
  #isBeginning = false;
  #jump;

  constructor({ dataset: { n, read, member } }, room) {
    this.#room = room;
    this.#self = member || null;
    this.#lastN = Number(n) || 0;
    this.#read = Number(read) || 0;
    this.#jump = document.createElement("button");
    Object.assign(this.#jump, { type: "button", className: "room-jump", hidden: true });
    this.#jump.addEventListener("click", () => room.messages.toEnd());
    room.messages.list.after(this.#jump);
    this.#open();
    const { scroller } = room.messages;
    const target = scroller === document.scrollingElement ? document : scroller;
    target.addEventListener("scroll", () => this.#look(), { passive: true });
    document.addEventListener("visibilitychange", () => this.#look());
  }

  // At the first unread message, or at the end; whoever was led to a message is there already.
  #open() {
    const { messages, isNewest } = this.#room;
    if (!isNewest) return;
    const unread = this.#self && this.#read > 0 && this.#read < this.#lastN;
    const first = unread && messages.firstAfter(this.#read);
    if (first) this.#divide(first);
    if (location.hash.startsWith("#m-")) return;
    messages.toEnd();
    if (first && first.getBoundingClientRect().top < 0) first.scrollIntoView({ block: "center" });
    this.#look();
  }

  // What is known from elsewhere: the last message's ordinal, and up to which the member has read.
  begin(lastN, read = 0) {
    this.#lastN = Math.max(this.#lastN, lastN);
    this.#read = Math.max(this.#read, read);
  }

  // A message has come; `follows`: it is seen at once.
  posted({ n, seq, by }, follows) {
    this.#lastN = n;
    if (by === this.#self) {
      this.#divider?.remove();
      return;
    }
    if (follows && !document.hidden) {
      this.#markRead();
      return;
    }
    const divided = Number(this.#divider?.dataset.n ?? 0);
    if (!divided || divided <= this.#read) this.#divide(this.#room.messages.find(seq));
    this.#offerJump();
  }

  get #divider() {
    return this.#room.messages.list.querySelector(".new-messages");
  }

  #divide(message) {
    this.#divider?.remove();
    const divider = document.createElement("li");
    divider.className = "new-messages";
    divider.dataset.n = message.dataset.n;
    divider.setAttribute("role", "separator");
    divider.textContent = this.#room.texts["new-messages"];
    message.before(divider);
  }

  #offerJump() {
    const unread = this.#lastN - this.#read;
    this.#jump.hidden = this.#room.messages.isAtEnd || unread < 1;
    this.#jump.textContent = `↓ ${this.#room.texts["new-messages"]} (${unread})`;
  }

  #look() {
    const { messages, isNewest } = this.#room;
    if (isNewest) {
      if (messages.isAtEnd && !document.hidden) this.#markRead();
      this.#offerJump();
    }
    if (messages.scroller.scrollTop < NEAR_TOP_PX) this.#older();
  }

  #markRead() {
    if (!this.#self || this.#lastN <= this.#read || this.#timer) return;
    const pause = Math.max(0, this.#readAt + READ_EVERY_MS - Date.now());
    this.#timer = setTimeout(async () => {
      const n = this.#lastN;
      const answer = await this.#room.connection.ask({ t: "read", n }).catch(() => undefined);
      this.#timer = undefined;
      if (answer?.t !== "ack") return;
      this.#read = n;
      this.#readAt = Date.now();
      this.#offerJump();
      this.#look();
    }, pause);
  }

  async #older() {
    const { messages, connection, people } = this.#room;
    const first = messages.list.querySelector(".message[data-seq]");
    if (!first || this.#isLoading || this.#isBeginning || !connection.isOpen) return;
    this.#isLoading = true;
    const before = Number(first.dataset.seq);
    const answer = await connection
      .ask({ t: "history", before, limit: HISTORY })
      .catch(() => undefined);
    this.#isLoading = false;
    if (answer?.t !== "history") return;
    for (const { by, name, mentions } of answer.messages) people.know([{ id: by, name }, ...(mentions ?? [])]);
    messages.prepend(answer.messages);
    this.#isBeginning = !answer.more;
    if (this.#isBeginning) document.getElementById("older")?.parentElement.remove();
  }
}
