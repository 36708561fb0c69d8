// Draws one message of a room, as the server does.

import { enhanceConfirmations } from "./confirm.js";
import { render } from "./room-markdown.js";
import { avatar } from "./room-people.js";
import { clock, day as longDay, exact } from "./time.js";

export class Drawing {
  #self;
  #texts;
  #people;
  #find;
  // What stands in a message's body.
  #said = new WeakMap();

  constructor({ self, texts, people, find }) {
    this.#self = self;
    this.#texts = texts;
    this.#people = people;
    this.#find = find;
  }

  message(said) {
    const { seq, n, by, at, retracted, edited, reply_to: replyTo, reactions } = said;
    const made = element("li", "message");
    if (seq) made.id = `m-${seq}`;
    Object.assign(made.dataset, { seq: seq ?? "", n: n ?? "", author: by, at });
    const isOwn = by === this.#self;
    if (isOwn) made.dataset.own = "";
    else made.append(element("span", "avatar"));
    const box = element("div", "message-box");
    box.append(this.#head(said));
    if (replyTo) box.append(this.#answered(replyTo));
    box.append(element("div", "message-body"));
    // whoever is not signed in only looks
    const given = element(this.#self ? "form" : "div", "message-reactions");
    for (const { emoji, count, mine } of reactions ?? []) given.append(this.reaction(emoji, count, mine));
    box.append(given);
    made.append(box);
    if (retracted) made.dataset.retracted = "";
    this.#sign(made, by, said.name);
    this.say(made, said);
    if (!retracted && edited) this.mark(made, "edited");
    if (seq && this.#self && !retracted) made.append(this.#menu(seq, isOwn));
    return made;
  }

  // Whose it is, as soon as that is known.
  #sign(made, by, known) {
    const name = known ?? this.#people.name(by, () => this.#sign(made, by));
    const author = this.#people.author(by, name);
    made.querySelector(".message-author").replaceChildren(author);
    made.querySelector(":scope > .avatar")?.replaceWith(avatar(name));
    const answers = `.message-reply[href$="#m-${made.dataset.seq}"] strong`;
    for (const answered of made.parentElement?.querySelectorAll(answers) ?? []) {
      answered.textContent = author.textContent;
    }
  }

  #head({ seq, at }) {
    const author = element("span", "message-author");
    const link = element("a", "message-time");
    if (seq) link.href = `?around=${seq}#m-${seq}`;
    const time = element("time", "", clock.format(new Date(at)));
    time.dateTime = at;
    time.title = exact.format(new Date(at));
    link.append(time);
    const head = element("p", "message-head");
    head.append(author, " ", link);
    return head;
  }

  #answered(seq) {
    const reply = element("a", "message-reply");
    reply.href = `?around=${seq}#m-${seq}`;
    const answered = this.#find(seq);
    const text = answered?.querySelector(".message-body");
    const isCovered = text?.matches("details");
    const author = answered?.querySelector(".message-author")?.textContent.trim();
    const excerpt = text?.textContent.trim().slice(0, 120) ?? "";
    reply.append(element("strong", "", author ?? "↩"), " ", isCovered ? this.#texts.spoiler : excerpt);
    return reply;
  }

  // What one may do with a message, as the server draws it.
  #menu(seq, isOwn) {
    const menu = document.getElementById(isOwn ? "own-menu" : "other-menu").content.cloneNode(true);
    for (const element of menu.querySelectorAll("[href], [action], [data-reply], [data-edit]")) {
      for (const { name, value } of element.attributes) {
        if (value.includes("{seq}")) element.setAttribute(name, value.replaceAll("{seq}", seq));
      }
    }
    enhanceConfirmations(menu);
    return menu;
  }

  // Whoever is named is an id, or an id with a name; they are linked once their names are known.
  say(shown, said) {
    const { body, spoiler, mentions, reason } = said;
    this.#said.set(shown, said);
    const again = () => {
      if (this.#said.get(shown) === said) this.say(shown, said);
    };
    const all = (mentions ?? []).map((one) => {
      const id = one.id ?? one;
      return { id, name: one.name ?? this.#people.name(id, again) };
    });
    const named = all.filter(({ name }) => name);
    shown.toggleAttribute("data-names-me", body !== null && all.some(({ id }) => id === this.#self));
    let place;
    if (body === null) {
      const because = reason && this.#texts["retracted-because"].replace("{reason}", () => reason);
      const gone = "retracted" in shown.dataset ? because || this.#texts.retracted : this.#texts.forgotten;
      place = element("p", "message-body gone", gone);
    } else if (spoiler) {
      place = element("details", "spoiler message-body");
      const text = element("div", "prose");
      text.append(render(body, named));
      place.append(element("summary", "", this.#texts.spoiler), text);
    } else {
      place = element("div", "message-body prose");
      place.append(render(body, named));
    }
    shown.querySelector(".message-body").replaceWith(place);
  }

  reaction(emoji, count, mine) {
    const button = element("button", "", `${emoji} ${count}`);
    Object.assign(button.dataset, { reaction: emoji, count });
    button.setAttribute("aria-pressed", String(mine));
    button.setAttribute("aria-label", this.#texts.reacted.replace("{reaction}", emoji).replace("{count}", count));
    button.disabled = !this.#self;
    return button;
  }

  // A word beside the time.
  mark(shown, what) {
    const head = shown.querySelector(".message-head");
    let mark = head.querySelector(".message-edited");
    mark ??= head.appendChild(element("span", "message-edited"));
    mark.textContent = this.#texts[what];
    return mark;
  }
}

// The reader's own.
export function day(at) {
  return new Date(at).toDateString();
}

export function dayDivider(at) {
  return element("li", "day", longDay.format(new Date(at)));
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
