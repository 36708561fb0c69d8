// What one does with a message: reacting, answering, editing, taking back.

import { Editing } from "./room-editing.js";
import { newCid } from "./room-outbox.js";
import { toast } from "./toast.js";

const RETRACT = /\/messages\/(\d+)\/retract$/u;

export class Acting {
  #room;
  #self;
  #editing;

  // `answer` is given the message that is answered; `done` is called when an edit is over.
  constructor({ dataset: { member } }, room, { answer, done }) {
    this.#room = room;
    this.#self = member;
    this.answer = answer;
    this.#editing = new Editing(room, done);
    room.messages.list.addEventListener("click", (event) => this.#pressed(event));
    // a question that is answered in a dialog, which is outside of the list
    document.addEventListener("submit", (event) => this.#submitted(event));
  }

  editLast() {
    const last = this.#room.messages.lastOwn;
    if (last) this.#editing.begin(last);
    return Boolean(last);
  }

  #pressed(event) {
    const shown = event.target.closest(".message[data-seq]");
    if (!shown) return;
    const message = Number(shown.dataset.seq);
    const button = event.target.closest("button");
    const given = button?.closest(".message-reactions");
    const offered = button?.closest(".react-form");
    const reply = event.target.closest("[data-reply]");
    const edit = event.target.closest("[data-edit]");
    if (!given && !offered && !reply && !edit) return;
    event.preventDefault();
    shown.querySelector(".message-menu")?.removeAttribute("open");
    if (given) this.#react(message, button.dataset.reaction, button.ariaPressed !== "true");
    else if (offered) this.#react(message, button.value, !hasReacted(shown, button.value));
    else if (reply) this.answer(shown);
    else this.#editing.begin(shown);
  }

  #submitted(event) {
    const [, seq] = RETRACT.exec(event.target.getAttribute("action") ?? "") ?? [];
    if (!seq) return;
    event.preventDefault();
    event.target.closest("dialog")?.close();
    this.#retract(Number(seq), event.target.elements.reason?.value.trim() || null);
  }

  async #retract(message, reason) {
    const isOwn = this.#room.messages.find(message)?.dataset.author === this.#self;
    const frame = isOwn ? { t: "retract" } : { t: "moderate", act: "retract", reason };
    await this.#ask({ ...frame, cid: newCid(), message });
  }

  async #react(message, emoji, on) {
    const { messages } = this.#room;
    messages.keepingPlace(() => messages.react(message, emoji, this.#self, on));
    if (await this.#ask({ t: "react", cid: newCid(), message, emoji, on })) return;
    messages.keepingPlace(() => messages.react(message, emoji, this.#self, !on));
  }

  async #ask(frame) {
    const answer = await this.#room.connection.ask(frame).catch(() => undefined);
    if (answer?.t === "ack") return true;
    toast(this.#room.texts[answer?.code] ?? this.#room.texts.failed);
    return false;
  }
}

function hasReacted(shown, emoji) {
  const given = [...shown.querySelectorAll(".message-reactions [data-reaction]")];
  return given.some(({ dataset, ariaPressed }) => dataset.reaction === emoji && ariaPressed === "true");
}
