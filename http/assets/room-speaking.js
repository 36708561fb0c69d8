// Speaking in a room: the composer with its outbox, replies, reactions, taking back.

import { newCid, Outbox } from "./room-outbox.js";
import { toast } from "./toast.js";

const TYPING_EVERY_MS = 3_000;
// After a failure without advice.
const RETRY_MS = 3_000;

export class Speaking {
  #room;
  #self;
  #outbox;
  #sent = new Map();
  #form;
  #text;
  #isFlushing = false;
  #flushAgain = false;

  constructor({ dataset: { room: id, member } }, room) {
    this.#room = room;
    this.#self = member;
    room.messages.list.addEventListener("click", (event) => this.#pressed(event));
    this.#form = document.getElementById("composer");
    if (!this.#form) return;
    this.#text = this.#form.elements.text;
    this.#outbox = new Outbox(id, member);
    this.#listen();
    this.#resume();
  }

  #listen() {
    this.#form.querySelector(".replying-cancel")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.#answersNobody();
      this.#text.focus();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#text.addEventListener("keydown", (event) => {
      // Enter that ends a syllable being composed (Hangul) is no Enter of ours
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Escape") this.#answersNobody();
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    let typedAt = 0;
    this.#text.addEventListener("input", () => {
      if (!this.#text.value.trim() || Date.now() - typedAt < TYPING_EVERY_MS) return;
      typedAt = Date.now();
      this.#room.connection.tell({ t: "typing" });
    });
  }

  // What was not sent before the page was left.
  async #resume() {
    for (const message of await this.#outbox.all()) this.#room.messages.pend(message);
    this.flush();
  }

  // Our own message has come back as an event before its acknowledgement, or instead of it.
  settle(messages) {
    for (const { seq } of messages) {
      const cid = this.#sent.get(seq);
      if (cid) this.#room.messages.pending(cid)?.remove();
    }
  }

  async #send() {
    const { reply_to: replyTo, spoiler } = this.#form.elements;
    if (!this.#text.value.trim()) return;
    const message = {
      cid: newCid(),
      body: this.#text.value,
      reply_to: Number(replyTo.value) || null,
      spoiler: spoiler.checked,
      at: new Date().toISOString(),
    };
    this.#room.messages.pend(message);
    // kept before it leaves the field: whatever happens now, it is not lost
    await this.#outbox.add(message);
    if (this.#text.value === message.body) this.#text.value = "";
    spoiler.checked = false;
    this.#answersNobody();
    this.flush();
  }

  // Sends what is in the outbox, one after the other, in the order in which it was typed.
  async flush() {
    if (!this.#outbox || !this.#room.connection?.isOpen) return;
    if (this.#isFlushing) {
      this.#flushAgain = true;
      return;
    }
    this.#isFlushing = true;
    try {
      do {
        this.#flushAgain = false;
        for (const message of await this.#outbox.all()) {
          if (!(await this.#deliver(message))) return;
        }
      } while (this.#flushAgain);
    } finally {
      this.#isFlushing = false;
    }
  }

  // False: not now, nor what comes after it.
  async #deliver({ cid, body, reply_to: replyTo, spoiler }) {
    const { messages, connection, texts } = this.#room;
    if (messages.pending(cid)?.dataset.failed === "") return true;
    const frame = { t: "send", cid, body, reply_to: replyTo, spoiler };
    const answer = await connection.ask(frame).catch(() => undefined);
    if (answer?.t === "ack") {
      await this.#outbox.remove(cid);
      this.#sent.set(answer.seq, cid);
      if (!answer.seq || messages.find(answer.seq)) messages.pending(cid)?.remove();
      return true;
    }
    if (!answer || answer.temporary) {
      setTimeout(() => this.flush(), answer?.retry_ms ?? RETRY_MS);
      return false;
    }
    const why = texts[answer.code] ?? texts.failed;
    messages.fail(cid, why, {
      again: () => {
        delete messages.pending(cid).dataset.failed;
        this.flush();
      },
      discard: async () => {
        await this.#outbox.remove(cid);
        messages.pending(cid)?.remove();
      },
    });
    toast(why);
    return true;
  }

  #answersNobody() {
    this.#form.elements.reply_to.value = "";
    document.getElementById("replying").hidden = true;
  }

  // ---- what is done with a message

  #pressed(event) {
    const shown = event.target.closest(".message[data-seq]");
    if (!shown) return;
    const message = Number(shown.dataset.seq);
    const button = event.target.closest("button");
    const given = button?.closest(".message-reactions");
    const offered = button?.closest(".react-form");
    const reply = event.target.closest("[data-reply]");
    if (!given && !offered && !reply && !button?.matches(".retract")) return;
    event.preventDefault();
    shown.querySelector(".message-menu")?.removeAttribute("open");
    if (given) this.#react(message, button.dataset.reaction, button.ariaPressed !== "true");
    else if (offered) this.#react(message, button.value, !hasReacted(shown, button.value));
    else if (reply) this.#reply(shown);
    else this.#retract(message);
  }

  #reply(shown) {
    if (!this.#form) return;
    this.#form.elements.reply_to.value = shown.dataset.seq;
    const author = shown.querySelector(".message-author").textContent.trim();
    const body = shown.querySelector(".message-body");
    const text = body.matches("details") ? this.#room.texts.spoiler : body.textContent.trim().slice(0, 80);
    const replying = document.getElementById("replying");
    replying.querySelector(".replying-text").textContent = `${author}: ${text}`;
    replying.hidden = false;
    this.#text.focus();
  }

  async #retract(message) {
    const frame = { t: "retract", cid: newCid(), message };
    const answer = await this.#room.connection.ask(frame).catch(() => undefined);
    if (answer?.t !== "ack") toast(this.#room.texts.failed);
  }

  async #react(message, emoji, on) {
    const { messages, connection } = this.#room;
    messages.react(message, emoji, this.#self, on);
    const frame = { t: "react", cid: newCid(), message, emoji, on };
    const answer = await connection.ask(frame).catch(() => undefined);
    if (answer?.t !== "ack") messages.react(message, emoji, this.#self, !on);
  }
}

function hasReacted(shown, emoji) {
  const given = [...shown.querySelectorAll(".message-reactions [data-reaction]")];
  return given.some(({ dataset, ariaPressed }) => dataset.reaction === emoji && ariaPressed === "true");
}
