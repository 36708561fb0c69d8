// Changing what one said, in its place. Escape leaves it as it is, Enter keeps what was changed.

import { Mentions } from "./room-mentions.js";
import { newCid } from "./room-outbox.js";
import { toast } from "./toast.js";

export class Editing {
  #room;
  // Whose words are fetched.
  #wanted;
  #message;
  #form;
  #before;
  // What was last sent: the same again is the same command.
  #sent;

  // `done` is called when nothing is being edited any more.
  constructor(room, done) {
    this.#room = room;
    this.done = done;
  }

  async begin(shown) {
    this.end();
    this.#wanted = shown;
    const message = Number(shown.dataset.seq);
    const answer = await this.#room.connection.ask({ t: "message", message }).catch(() => undefined);
    // as it was typed, which the page does not show
    const source = answer?.message?.body;
    if (this.#wanted !== shown) return;
    if (typeof source === "string") this.#open(message, { body: source, spoiler: answer.message.spoiler });
    else toast(this.#room.texts.failed);
  }

  end() {
    const form = this.#form;
    this.#wanted = this.#form = this.#sent = undefined;
    if (!form) return;
    this.#room.messages.keepingPlace(() => {
      delete form.closest(".message")?.dataset.editing;
      form.remove();
    });
    this.done();
  }

  #open(message, before) {
    const shown = this.#room.messages.find(message);
    if (!shown) return;
    this.#message = message;
    this.#before = before;
    const form = document.getElementById("edit-form").content.firstElementChild.cloneNode(true);
    const { text, spoiler, cancel } = form.elements;
    text.value = before.body;
    spoiler.checked = before.spoiler;
    cancel.addEventListener("click", () => this.end());
    const mentions = new Mentions(text, this.#room);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    text.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229 || mentions.press(event)) return;
      if (event.key === "Escape") this.end();
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      form.requestSubmit();
    });
    this.#room.messages.keepingPlace(() => {
      shown.dataset.editing = "";
      shown.querySelector(".message-body").after(form);
    });
    this.#form = form;
    form.scrollIntoView({ block: "nearest" });
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
  }

  async #save() {
    const { text, spoiler } = this.#form.elements;
    const said = { body: text.value, spoiler: spoiler.checked };
    if (same(said, this.#before)) {
      this.end();
      return;
    }
    if (!this.#sent || !same(said, this.#sent)) this.#sent = { ...said, cid: newCid() };
    const form = this.#form;
    const frame = { t: "edit", ...this.#sent, message: this.#message };
    const answer = await this.#room.connection.ask(frame).catch(() => undefined);
    if (form !== this.#form) return;
    // what is typed stays there until it is recorded
    if (answer?.t === "ack") this.end();
    else toast(this.#room.texts[answer?.code] ?? this.#room.texts.failed);
  }
}

function same(one, other) {
  return one.body === other.body && one.spoiler === other.spoiler;
}
