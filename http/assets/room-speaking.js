// Speaking in a room: the composer with its draft, its outbox and who is named, and what is
// answered.

import { Acting } from "./room-acting.js";
import { Mentions } from "./room-mentions.js";
import { newCid, Outbox } from "./room-outbox.js";
import { toast } from "./toast.js";

const TYPING_EVERY_MS = 3_000;
// After a failure without advice.
const RETRY_MS = 3_000;
// What lasts longer is counted down.
const COUNTED_MS = 5_000;

export class Speaking {
  #room;
  #outbox;
  // What is being put into the outbox, and what this tab knows to be recorded.
  #keeping = new Set();
  #beingKept;
  #recorded = new Set();
  #form;
  #text;
  #draft;
  #mentions;
  #acting;
  #isFlushing = false;
  #flushAgain = false;

  constructor(section, room) {
    const { room: id, member } = section.dataset;
    this.#room = room;
    this.#acting = new Acting(section, room, {
      answer: (shown) => this.#answers(shown),
      done: () => this.#text?.focus(),
    });
    this.#form = document.getElementById("composer");
    if (!this.#form) return;
    this.#text = this.#form.elements.text;
    this.#draft = new Draft(`room-draft:${member}:${id}`, this.#form.elements);
    this.#mentions = new Mentions(this.#text, room);
    this.#outbox = new Outbox(id, member, (changed) => this.#changed(changed));
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
    // a phone's keyboard stays while one talks
    const send = this.#form.querySelector("[type=submit]");
    send.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#text.addEventListener("keydown", (event) => this.#pressed(event));
    let typedAt = 0;
    this.#form.elements.spoiler.addEventListener("change", () => this.#draft.keep());
    this.#text.addEventListener("input", () => {
      this.#draft.keep();
      if (!this.#text.value.trim() || Date.now() - typedAt < TYPING_EVERY_MS) return;
      typedAt = Date.now();
      this.#room.connection.tell({ t: "typing" });
    });
  }

  #pressed(event) {
    // Enter that ends a syllable being composed (Hangul) is no Enter of ours
    if (event.isComposing || event.keyCode === 229 || this.#mentions.press(event)) return;
    if (event.key === "Escape") this.#answersNobody();
    if (event.key === "ArrowUp" && this.#text.value === "" && this.#acting.editLast()) event.preventDefault();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  // What was not sent before the page was left. An old part of the history does not show it.
  async #resume() {
    const { messages, isNewest } = this.#room;
    const kept = isNewest ? await this.#outbox.all() : [];
    messages.keepingPlace(() => {
      for (const message of kept) if (!messages.pending(message.cid)) messages.pend(message);
    });
    // also without a connection
    await this.#look();
    this.flush();
  }

  // Another tab has marked, discarded or sent something.
  #changed({ cid, seq }) {
    if (seq) {
      this.#recorded.add(cid);
      this.#room.messages.acknowledge(cid, seq);
    }
    this.#look();
  }

  // Shows what is in the outbox as it stands there, whichever tab has changed it; gives it back.
  async #look() {
    const { messages, isNewest } = this.#room;
    const kept = await this.#outbox.all();
    const cids = new Set([...kept.map(({ cid }) => cid), ...this.#keeping]);
    messages.keepingPlace(() => {
      for (const shown of messages.allPending) {
        const { cid, acknowledged } = shown.dataset;
        if (!cids.has(cid) && !acknowledged) shown.remove();
      }
      for (const message of kept) {
        const shown = messages.pending(message.cid);
        if (!message.failed && shown) messages.wait(shown);
        else if (message.failed && isNewest) this.#showFailed(message, shown ?? messages.pend(message));
      }
    });
    return kept;
  }

  #showFailed(message, shown) {
    const { messages, texts } = this.#room;
    messages.fail(shown, texts[message.failed] ?? texts.failed, {
      again: async () => {
        await this.#outbox.mark(message, null);
        await this.#look();
        this.flush();
      },
      discard: () => this.#discard(message.cid),
    });
  }

  async #discard(cid) {
    await this.#outbox.remove(cid);
    this.#look();
  }

  // A room may be slow: who has to wait sees for how long, and may think better of it.
  #sendLater(cid, ms) {
    const { messages } = this.#room;
    setTimeout(() => this.flush(), ms);
    const shown = messages.pending(cid);
    if (shown && ms >= COUNTED_MS) messages.delay(shown, Date.now() + ms, () => this.#discard(cid));
  }

  // Our own message has come back as an event before its acknowledgement, or instead of it.
  settle(messages) {
    for (const { seq } of messages) this.#room.messages.settle(seq);
  }

  async #send() {
    const { reply_to: replyTo, spoiler } = this.#form.elements;
    const body = this.#text.value;
    // an impatient hand says it once
    if (!body.trim() || body === this.#beingKept) return;
    const message = {
      cid: newCid(),
      body,
      reply_to: Number(replyTo.value) || null,
      spoiler: spoiler.checked,
      at: new Date().toISOString(),
    };
    this.#beingKept = body;
    this.#keeping.add(message.cid);
    if (this.#room.isNewest) {
      this.#room.messages.pend(message);
      this.#room.messages.toEnd();
    }
    // kept before it leaves the field: whatever happens now, it is not lost
    await this.#outbox.add(message);
    this.#keeping.delete(message.cid);
    this.#beingKept = undefined;
    if (this.#text.value === body) this.#text.value = "";
    spoiler.checked = false;
    this.#draft.keep();
    this.#answersNobody();
    // an old part of the history does not show what is said now
    if (this.#room.isNewest) this.flush();
    else location.assign(location.pathname);
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
        while (true) {
          const message = (await this.#look()).find((one) => this.#isDue(one));
          if (!message) break;
          if (!(await this.#deliver(message))) return;
        }
      } while (this.#flushAgain);
    } finally {
      this.#isFlushing = false;
    }
  }

  // What was refused waits until its author wants it sent again.
  #isDue({ cid, failed }) {
    return !failed && !this.#recorded.has(cid);
  }

  // False: not now, nor what comes after it.
  async #deliver(message) {
    const { messages, connection, texts } = this.#room;
    const { cid, body, reply_to: replyTo, spoiler } = message;
    const frame = { t: "send", cid, body, reply_to: replyTo, spoiler };
    const answer = await connection.ask(frame).catch(() => undefined);
    if (answer?.t === "ack") {
      this.#recorded.add(cid);
      messages.acknowledge(cid, answer.seq);
      await this.#outbox.remove(cid, answer.seq);
      return true;
    }
    if (!answer || answer.temporary) {
      this.#sendLater(cid, answer?.retry_ms ?? RETRY_MS);
      return false;
    }
    const isFirst = await this.#outbox.mark(message, answer.code);
    await this.#look();
    // where two tabs have asked, one of them says so
    if (isFirst) toast(texts[answer.code] ?? texts.failed);
    return true;
  }

  #answers(shown) {
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

  #answersNobody() {
    this.#form.elements.reply_to.value = "";
    document.getElementById("replying").hidden = true;
  }
}

// What is typed and not sent yet, also when the page is left. A spoiler stays one.
class Draft {
  #key;
  #fields;

  constructor(key, fields) {
    this.#key = key;
    this.#fields = fields;
    try {
      const { text, spoiler } = JSON.parse(localStorage.getItem(key)) ?? {};
      if (fields.text.value || !text) return;
      fields.text.value = text;
      fields.spoiler.checked = spoiler;
    } catch {
      // Where nothing may be kept, one writes without a draft.
    }
  }

  keep() {
    const { text, spoiler } = this.#fields;
    try {
      const draft = JSON.stringify({ text: text.value, spoiler: spoiler.checked });
      if (text.value) localStorage.setItem(this.#key, draft);
      else localStorage.removeItem(this.#key);
    } catch {
      // As above, and on full disks.
    }
  }
}
