// <section id="room" data-room="…">: makes a room's page live. Without it the page works by forms.

import { Connection } from "./room-connection.js";
import { Messages } from "./room-messages.js";
import { newCid, Outbox } from "./room-outbox.js";
import { toast } from "./toast.js";

const TYPING_EVERY_MS = 3_000;
const READ_EVERY_MS = 5_500;
// "Reconnecting" is not worth showing for less.
const FLICKER_MS = 800;
const RETRY_MS = 3_000;
const HISTORY = 50;

class Room {
  constructor(section) {
    const { room, member, seq, n, read } = section.dataset;
    Object.assign(this, { section, room, self: member || null });
    const data = JSON.parse(document.getElementById("room-data").textContent);
    this.texts = data.texts;
    this.members = new Map(Object.entries(data.members));
    this.lastN = Number(n) || 0;
    this.read = Number(read) || 0;
    this.messages = new Messages(document.getElementById("messages"), {
      self: this.self,
      texts: this.texts,
      reactions: data.reactions,
      name: (id) => this.members.get(id) ?? this.texts["former-member"],
    });
    this.typing = new Map();
    this.isNewest = section.dataset.newest !== "false";
    this.connection = new Connection({
      room,
      enter: this.self !== null,
      // what the page shows was true at this seq; the epoch comes with the welcome
      place: this.isNewest && seq ? { epoch: null, seq: Number(seq) } : null,
      on: {
        state: (state) => this.#state(state),
        snapshot: (snapshot) => this.#snapshot(snapshot),
        event: (event, names) => this.#event(event, names),
        passing: (frame) => this.#passing(frame),
        ended: (code) => this.#ended(code),
      },
    });
    this.#watch();
    if (this.self) this.#compose();
  }

  // ---- what comes

  #state(state) {
    clearTimeout(this.flicker);
    const status = document.getElementById("room-status");
    if (state === "live") {
      status.hidden = true;
      status.textContent = "";
      this.section.dataset.state = "live";
      this.#flush();
      return;
    }
    this.section.dataset.state = state;
    this.flicker = setTimeout(() => {
      status.hidden = false;
      status.textContent = this.texts.reconnecting;
    }, FLICKER_MS);
  }

  #snapshot({ room, present, messages, me }) {
    for (const { id, name } of present.members) if (name) this.members.set(id, name);
    for (const { by, name } of messages) if (name) this.members.set(by, name);
    this.lastN = room.last_n;
    this.read = Math.max(this.read, me.read);
    if (this.isNewest) this.messages.take(messages);
    this.#settle(messages);
    document.getElementById("present").replaceChildren();
    for (const { id } of present.members) this.#enters(id);
    this.#count(present.count);
  }

  #event(event, names) {
    for (const [id, name] of Object.entries(names)) this.members.set(id, name);
    const { seq, at, by, k, d } = event;
    switch (k) {
      case "message_posted":
        this.lastN = d.n;
        this.typing.delete(by);
        this.#showTyping();
        this.#posted({ ...d, seq, at, by });
        break;
      case "message_edited":
        this.messages.keepingPlace(() => this.messages.edit(d.message, d.body, d.spoiler));
        break;
      case "message_retracted":
        this.messages.keepingPlace(() => this.messages.retract(d.message));
        break;
      case "reacted":
      case "unreacted":
        this.messages.keepingPlace(() => this.messages.react(d.message, d.emoji, by, k === "reacted"));
        break;
      case "entered":
        this.#enters(by);
        this.#count();
        break;
      case "left":
        document.querySelector(`#present [data-member="${by}"]`)?.remove();
        this.#count();
        break;
      case "archived":
        this.section.dataset.archived = "true";
        break;
      case "reopened":
        this.section.dataset.archived = "false";
        break;
    }
  }

  #posted(message) {
    if (!this.isNewest) return;
    let added = false;
    const follows = this.messages.keepingPlace(() => {
      this.#settle([message]);
      added = this.messages.add(message);
    });
    if (!added || message.by === this.self) return;
    if (follows && !document.hidden) this.#markRead();
    else this.#unseen(message);
  }

  // Our own message has come back as an event before its acknowledgement, or instead of it.
  #settle(messages) {
    for (const { seq } of messages) {
      const cid = this.sent?.get(seq);
      if (cid) this.messages.pending(cid)?.remove();
    }
  }

  #passing({ k, members, names, ttl_ms: ttl }) {
    for (const [id, name] of Object.entries(names ?? {})) this.members.set(id, name);
    if (k !== "typing") return;
    for (const id of members) if (id !== this.self) this.typing.set(id, Date.now() + ttl);
    this.#showTyping();
  }

  #showTyping() {
    clearTimeout(this.typingOver);
    for (const [id, until] of this.typing) if (until <= Date.now()) this.typing.delete(id);
    const line = document.getElementById("typing");
    const [first] = this.typing.keys();
    if (!first) line.textContent = "";
    else if (this.typing.size > 1) line.textContent = this.texts["typing-many"];
    else {
      const name = this.members.get(first) ?? this.texts["former-member"];
      line.textContent = this.texts["typing-one"].replace("{name}", name);
    }
    if (first) this.typingOver = setTimeout(() => this.#showTyping(), 1_000);
  }

  #enters(id) {
    const present = document.getElementById("present");
    if (present.querySelector(`[data-member="${id}"]`)) return;
    const item = document.createElement("li");
    item.dataset.member = id;
    const name = document.createElement("a");
    name.className = "author";
    name.href = `/members/${id}`;
    name.textContent = this.members.get(id) ?? this.texts["former-member"];
    item.append(name);
    present.append(item);
  }

  #count(known) {
    const shown = document.querySelectorAll("#present [data-member]").length;
    this.present = Math.max(known ?? 0, shown);
    document.getElementById("present-count").textContent = this.present;
  }

  #ended(code) {
    const status = document.getElementById("room-status");
    status.hidden = false;
    status.textContent = this.texts[code] ?? this.texts.reconnecting;
    this.section.dataset.state = "ended";
    // the server's page says what there is to say
    setTimeout(() => location.reload(), 1_500);
  }

  // ---- reading

  #watch() {
    this.messages.toEnd();
    const { scroller } = this.messages;
    const target = scroller === document.scrollingElement ? document : scroller;
    target.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    document.addEventListener("visibilitychange", () => this.#scrolled());
    this.jump = document.createElement("button");
    Object.assign(this.jump, { type: "button", className: "room-jump", hidden: true });
    this.jump.addEventListener("click", () => this.messages.toEnd());
    this.messages.list.after(this.jump);
    this.messages.list.addEventListener("click", (event) => this.#pressed(event));
    if (this.isNewest) this.#markRead();
  }

  #scrolled() {
    if (this.messages.isAtEnd && !document.hidden) {
      this.jump.hidden = true;
      if (this.isNewest) this.#markRead();
    }
    if (this.messages.scroller.scrollTop < 200) this.#older();
  }

  #unseen({ seq }) {
    if (!this.messages.list.querySelector(".new-messages")) {
      const divider = document.createElement("li");
      divider.className = "new-messages";
      divider.setAttribute("role", "separator");
      divider.textContent = this.texts["new-messages"];
      this.messages.find(seq)?.before(divider);
    }
    this.jump.hidden = this.messages.isAtEnd;
    this.jump.textContent = `↓ ${this.texts["new-messages"]} (${this.lastN - this.read})`;
  }

  #markRead() {
    if (!this.self || this.lastN <= this.read) return;
    if (this.reading) return;
    this.reading = setTimeout(
      async () => {
        this.reading = undefined;
        const n = this.lastN;
        const answer = await this.connection.ask({ t: "read", n }).catch(() => undefined);
        if (answer?.t !== "ack") return;
        this.read = n;
        this.readAt = Date.now();
        this.messages.list.querySelector(".new-messages")?.remove();
      },
      Math.max(0, (this.readAt ?? 0) + READ_EVERY_MS - Date.now()),
    );
  }

  async #older() {
    const first = this.messages.list.querySelector(".message[data-seq]");
    if (!first || this.loading || this.isBeginning) return;
    this.loading = true;
    const before = Number(first.dataset.seq);
    const answer = await this.connection
      .ask({ t: "history", before, limit: HISTORY })
      .catch(() => undefined);
    this.loading = false;
    if (answer?.t !== "history") return;
    for (const { by, name } of answer.messages) if (name) this.members.set(by, name);
    this.messages.prepend(answer.messages);
    this.isBeginning = !answer.more;
  }

  #pressed(event) {
    const shown = event.target.closest(".message[data-seq]");
    if (!shown || !this.self) return;
    const message = Number(shown.dataset.seq);
    const button = event.target.closest("button");
    const given = button?.closest(".message-reactions");
    const offered = button?.closest(".react-form");
    const reply = event.target.closest("[data-reply]");
    if (!given && !offered && !reply && !button?.matches(".retract")) return;
    event.preventDefault();
    shown.querySelector(".message-menu")?.removeAttribute("open");
    if (given) this.#react(message, button.dataset.reaction, button.ariaPressed !== "true");
    else if (offered) this.#react(message, button.value, !this.#hasReacted(shown, button.value));
    else if (reply) this.#reply(shown);
    else this.#retract(message);
  }

  #hasReacted(shown, emoji) {
    const given = [...shown.querySelectorAll(".message-reactions [data-reaction]")];
    return given.some(({ dataset, ariaPressed }) => dataset.reaction === emoji && ariaPressed === "true");
  }

  #reply(shown) {
    const replying = document.getElementById("replying");
    if (!this.form || !replying) return;
    this.form.elements.reply_to.value = shown.dataset.seq;
    const author = shown.querySelector(".message-author").textContent.trim();
    const body = shown.querySelector(".message-body");
    const text = body.matches("details") ? "" : body.textContent.trim().slice(0, 80);
    replying.querySelector(".replying-text").textContent = `${author}: ${text}`;
    replying.hidden = false;
    this.text.focus();
  }

  async #retract(message) {
    const frame = { t: "retract", cid: newCid(), message };
    const answer = await this.connection.ask(frame).catch(() => undefined);
    if (answer?.t !== "ack") toast(this.texts.failed);
  }

  async #react(message, emoji, on) {
    this.messages.react(message, emoji, this.self, on);
    const frame = { t: "react", cid: newCid(), message, emoji, on };
    const answer = await this.connection.ask(frame).catch(() => undefined);
    if (answer?.t !== "ack") this.messages.react(message, emoji, this.self, !on);
  }

  // ---- speaking

  async #compose() {
    this.form = document.getElementById("composer");
    if (!this.form) return;
    this.outbox = new Outbox(this.room, this.self);
    this.sent = new Map();
    const area = this.form.elements.text ?? this.form.elements.body;
    this.text = area;
    this.form.querySelector(".replying-cancel")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.#answersNobody();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    area.addEventListener("keydown", (event) => {
      // Enter that ends a syllable being composed (Hangul) is no Enter of ours
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    let typedAt = 0;
    area.addEventListener("input", () => {
      if (!area.value.trim() || Date.now() - typedAt < TYPING_EVERY_MS) return;
      typedAt = Date.now();
      this.connection.tell({ t: "typing" });
    });
    for (const message of await this.outbox.all()) this.messages.pend(message);
    this.#flush();
  }

  async #send() {
    const { reply_to: replyTo, spoiler } = this.form.elements;
    if (!this.text.value.trim()) return;
    const message = {
      cid: newCid(),
      body: this.text.value,
      reply_to: Number(replyTo?.value) || null,
      spoiler: spoiler?.checked ?? false,
      at: new Date().toISOString(),
    };
    this.messages.pend(message);
    // kept before it leaves the field: whatever happens now, it is not lost
    await this.outbox.add(message);
    if (this.text.value === message.body) this.text.value = "";
    if (spoiler) spoiler.checked = false;
    this.#answersNobody();
    this.#flush();
  }

  #answersNobody() {
    const { reply_to: replyTo } = this.form.elements;
    if (replyTo) replyTo.value = "";
    const replying = document.getElementById("replying");
    if (replying) replying.hidden = true;
  }

  // Sends what is in the outbox, one after the other, in the order in which it was typed.
  async #flush() {
    if (!this.outbox || !this.connection?.isOpen) return;
    if (this.flushing) {
      this.flushAgain = true;
      return;
    }
    this.flushing = true;
    try {
      do {
        this.flushAgain = false;
        for (const message of await this.outbox.all()) {
          if (!(await this.#deliver(message))) return;
        }
      } while (this.flushAgain);
    } finally {
      this.flushing = false;
    }
  }

  // False: not now, nor what comes after it.
  async #deliver({ cid, body, reply_to: replyTo, spoiler }) {
    if (this.messages.pending(cid)?.dataset.failed === "") return true;
    const frame = { t: "send", cid, body, reply_to: replyTo, spoiler };
    const answer = await this.connection.ask(frame).catch(() => undefined);
    if (answer?.t === "ack") {
      await this.outbox.remove(cid);
      this.sent.set(answer.seq, cid);
      if (!answer.seq || this.messages.find(answer.seq)) this.messages.pending(cid)?.remove();
      return true;
    }
    if (!answer || answer.temporary) {
      setTimeout(() => this.#flush(), answer?.retry_ms ?? RETRY_MS);
      return false;
    }
    const why = this.texts[answer.code] ?? this.texts.failed;
    this.messages.fail(cid, why, async () => {
      const shown = this.messages.pending(cid);
      delete shown.dataset.failed;
      this.#flush();
    });
    toast(why);
    return true;
  }
}

const section = document.getElementById("room");
if (section?.dataset.room) new Room(section);
