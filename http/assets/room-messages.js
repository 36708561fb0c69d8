// The list of a room's messages: what is said, edited, taken back and reacted to, as it happens.

import { render } from "./room-markdown.js";

// Closer than this to the end counts as being there.
const NEAR_PX = 80;
// Messages kept in the page; at the bound the oldest go, and scrolling back loads them again.
const MOST = 500;
const SAME_AUTHOR_MS = 5 * 60_000;

export class Messages {
  constructor(list, { self, texts, reactions, name }) {
    this.list = list;
    this.reactions = reactions;
    this.self = self;
    this.texts = texts;
    this.name = name;
    this.scroller = list.closest("[data-scrolls]") ?? document.scrollingElement;
  }

  find(seq) {
    return this.list.querySelector(`.message[data-seq="${seq}"]`);
  }

  get isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  // Does something to the list; whoever was at the end stays there, whoever reads stays put.
  keepingPlace(act) {
    const follows = this.isAtEnd;
    const { scrollTop, scrollHeight } = this.scroller;
    const above = act() === "above";
    if (above) this.scroller.scrollTop = scrollTop + this.scroller.scrollHeight - scrollHeight;
    else if (follows) this.toEnd();
    return follows;
  }

  // The messages of a snapshot: those that are there stay where they are, as they are now.
  take(messages) {
    this.keepingPlace(() => {
      const first = messages[0]?.seq ?? 0;
      for (const shown of this.list.querySelectorAll(".message[data-seq]")) {
        if (Number(shown.dataset.seq) < first) shown.remove();
      }
      for (const message of messages) {
        const before = this.find(message.seq);
        const made = this.#make(message);
        if (before) before.replaceWith(made);
        else this.#insert(made);
      }
    });
  }

  // Older ones, above what is shown.
  prepend(messages) {
    this.keepingPlace(() => {
      for (const message of messages) if (!this.find(message.seq)) this.#insert(this.#make(message));
      return "above";
    });
  }

  // True if it is new here.
  add(message) {
    if (this.find(message.seq)) return false;
    this.#insert(this.#make(message));
    const shown = this.list.querySelectorAll(".message[data-seq]");
    if (shown.length > MOST) shown[0].remove();
    return true;
  }

  edit(seq, body, spoiler) {
    const shown = this.find(seq);
    if (!shown || "retracted" in shown.dataset) return;
    this.#say(shown, body, spoiler);
    this.#mark(shown, "edited");
  }

  retract(seq) {
    const shown = this.find(seq);
    if (!shown) return;
    shown.dataset.retracted = "";
    shown.querySelector(".message-edited")?.remove();
    this.#say(shown, null, false);
    shown.querySelector(".message-reactions")?.replaceChildren();
    shown.querySelector(".message-menu")?.remove();
  }

  react(seq, emoji, by, on) {
    const reactions = this.find(seq)?.querySelector(".message-reactions");
    if (!reactions) return;
    const buttons = [...reactions.querySelectorAll("[data-reaction]")];
    let button = buttons.find(({ dataset }) => dataset.reaction === emoji);
    const isOwn = by === this.self;
    if (isOwn && button?.getAttribute("aria-pressed") === String(on)) return;
    button ??= reactions.appendChild(reaction(emoji, 0, !on));
    const count = Number(button.dataset.count) + (on ? 1 : -1);
    if (count <= 0) button.remove();
    else show(button, emoji, count, isOwn ? on : button.getAttribute("aria-pressed") === "true");
  }

  // What is on its way: at the end, until the server has given it a number.
  pend(message) {
    const made = this.#make({ ...message, by: this.self, at: message.at, reactions: [] });
    made.dataset.cid = message.cid;
    made.dataset.pending = "";
    delete made.dataset.seq;
    this.#mark(made, "sending");
    this.list.append(made);
    this.toEnd();
  }

  pending(cid) {
    return this.list.querySelector(`[data-cid="${cid}"]`);
  }

  fail(cid, why, again) {
    const shown = this.pending(cid);
    if (!shown) return;
    shown.dataset.failed = "";
    const mark = this.#mark(shown, "failed");
    mark.textContent = why;
    const retry = document.createElement("button");
    retry.type = "button";
    retry.className = "message-again";
    retry.textContent = this.texts["try-again"] ?? "↻";
    retry.addEventListener("click", again);
    mark.append(" ", retry);
  }

  // In order; what is pending stays last.
  #insert(made) {
    const seq = Number(made.dataset.seq);
    const all = [...this.list.querySelectorAll(".message[data-seq]")];
    const before = all.findLast((other) => Number(other.dataset.seq) < seq);
    if (before) before.after(made);
    else {
      const next = all[0] ?? this.list.querySelector("[data-pending]");
      if (next) next.before(made);
      else this.list.append(made);
    }
    this.#group(made, before);
    this.#group(made.nextElementSibling, made);
  }

  #group(message, before) {
    if (!message?.matches(".message[data-seq]")) return;
    const isSame =
      before?.dataset.author === message.dataset.author &&
      new Date(message.dataset.at) - new Date(before.dataset.at) < SAME_AUTHOR_MS;
    message.toggleAttribute("data-grouped", isSame);
  }

  #make({ seq, n, by, name, at, body, retracted, edited, spoiler, reply_to: replyTo, reactions }) {
    const made = element("li", "message");
    if (seq) made.id = `m-${seq}`;
    Object.assign(made.dataset, { seq: seq ?? "", n: n ?? "", author: by, at });
    const isOwn = by === this.self;
    if (isOwn) made.dataset.own = "";
    const shownName = name ?? this.name(by);
    if (!isOwn) made.append(avatar(shownName));
    const box = element("div", "message-box");
    const author = element("span", "message-author");
    author.append(element("span", "author", shownName));
    const link = element("a", "message-time");
    if (seq) link.href = `?around=${seq}#m-${seq}`;
    const time = element("time", "", clock(at));
    time.dateTime = at;
    link.append(time);
    const head = element("p", "message-head");
    head.append(author, " ", link);
    box.append(head);
    if (replyTo) box.append(this.#answered(replyTo));
    box.append(element("div", "message-body"));
    const given = element("form", "message-reactions");
    for (const { emoji, count, mine } of reactions ?? []) given.append(reaction(emoji, count, mine));
    box.append(given);
    made.append(box);
    if (retracted) made.dataset.retracted = "";
    this.#say(made, body, spoiler);
    if (!retracted && edited) this.#mark(made, "edited");
    if (seq && this.self && !retracted) made.append(this.#menu(seq, isOwn));
    return made;
  }

  #answered(seq) {
    const reply = element("a", "message-reply");
    reply.href = `?around=${seq}#m-${seq}`;
    const answered = this.find(seq);
    const text = answered?.querySelector(".message-body");
    const isCovered = text?.matches("details");
    reply.append(
      element("strong", "", answered?.querySelector(".message-author")?.textContent.trim() ?? "↩"),
      " ",
      isCovered ? this.texts.spoiler : (text?.textContent.trim().slice(0, 120) ?? ""),
    );
    return reply;
  }

  // What one may do with a message; without the script's help these are the page's own ways.
  #menu(seq, isOwn) {
    const path = `${location.pathname}/messages/${seq}`;
    const menu = element("details", "menu message-menu");
    menu.name = "menu";
    const list = element("div", "menu-list");
    const react = element("form", "react-form");
    for (const emoji of this.reactions.slice(0, 8)) {
      const button = element("button", "", emoji);
      button.value = emoji;
      react.append(button);
    }
    const reply = element("a", "reply-link", this.texts.reply);
    reply.href = `?reply_to=${seq}#composer`;
    reply.dataset.reply = seq;
    list.append(react, reply);
    if (isOwn) {
      const edit = element("a", "", this.texts.edit);
      edit.href = `${path}/edit`;
      const remove = element("button", "retract", this.texts.delete);
      remove.type = "button";
      list.append(edit, remove);
    } else {
      const report = element("a", "", this.texts.report);
      report.href = `${path}/report`;
      list.append(report);
    }
    menu.append(element("summary", "", "⋯"), list);
    return menu;
  }

  #say(shown, body, spoiler) {
    let place;
    if (body === null) {
      const why = "retracted" in shown.dataset ? "retracted" : "forgotten";
      place = element("p", "message-body gone", this.texts[why]);
    } else if (spoiler) {
      place = element("details", "spoiler message-body");
      const text = element("div", "prose");
      text.append(render(body));
      place.append(element("summary", "", this.texts.spoiler), text);
    } else {
      place = element("div", "message-body prose");
      place.append(render(body));
    }
    shown.querySelector(".message-body").replaceWith(place);
  }

  #mark(shown, what) {
    const head = shown.querySelector(".message-head");
    let mark = head.querySelector(".message-edited");
    mark ??= head.appendChild(element("span", "message-edited"));
    mark.textContent = this.texts[what] ?? "";
    return mark;
  }
}

function reaction(emoji, count, mine) {
  const button = document.createElement("button");
  show(button, emoji, count, mine);
  return button;
}

function show(button, emoji, count, mine) {
  Object.assign(button.dataset, { reaction: emoji, count });
  button.setAttribute("aria-pressed", String(mine));
  button.textContent = `${emoji} ${count}`;
}

// As the server draws it.
function avatar(name) {
  const made = element("span", "avatar", [...name][0]?.toUpperCase() ?? "");
  made.setAttribute("aria-hidden", "true");
  return made;
}

function clock(at) {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat(document.documentElement.lang, options).format(new Date(at));
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
