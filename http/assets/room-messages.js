// The list of a room's messages: what is said, edited, taken back and reacted to, as it happens.

import { day, dayDivider, Drawing } from "./room-message.js";

// Closer than this to the end counts as being there.
const NEAR_PX = 80;
// Messages kept in the page; at the bound the oldest go, and scrolling back loads them again.
const MOST = 500;
// Whoever reads what is older keeps it for longer.
const MOST_READING = 2 * MOST;
const SAME_AUTHOR_MS = 5 * 60_000;

export class Messages {
  #self;
  #drawing;
  #texts;
  // What has happened to messages since older ones were asked for.
  #meanwhile;

  constructor(list, drawing) {
    this.list = list;
    this.#self = drawing.self;
    this.#texts = drawing.texts;
    this.#drawing = new Drawing({ ...drawing, find: (seq) => this.find(seq) });
    // from its lower edge: 0 is the end, and what is above it is negative
    this.scroller = list.closest("[data-scrolls]");
    // the server's days are not the reader's
    for (const divider of list.querySelectorAll(".day")) divider.remove();
    this.#all.forEach((message, place, all) => this.#relate(message, all[place - 1]));
  }

  find(seq) {
    return this.list.querySelector(`.message[data-seq="${seq}"]`);
  }

  get #all() {
    return [...this.list.querySelectorAll(".message[data-seq]")];
  }

  // The first of somebody else's with a greater ordinal.
  firstAfter(n) {
    return this.#all.find(({ dataset }) => Number(dataset.n) > n && !("own" in dataset));
  }

  get lastOwn() {
    return [...this.list.querySelectorAll(".message[data-own][data-seq]:not([data-retracted])")].at(-1);
  }

  get isAtEnd() {
    return this.scroller.scrollTop > -NEAR_PX;
  }

  isNearBeginning(px) {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - clientHeight + scrollTop < px;
  }

  // Whether it is scrolled out at the upper edge.
  isAbove(shown) {
    return shown.getBoundingClientRect().top < this.scroller.getBoundingClientRect().top;
  }

  toEnd() {
    this.scroller.scrollTop = 0;
  }

  // Does something to the list; whoever was at the end stays there, whoever reads stays put.
  keepingPlace(act) {
    const follows = this.isAtEnd;
    const read = follows ? undefined : this.#read;
    const before = read?.getBoundingClientRect().top;
    act();
    if (follows) this.toEnd();
    else if (read) {
      // it may be drawn anew
      const now = this.find(read.dataset.seq)?.getBoundingClientRect().top ?? before;
      this.scroller.scrollTop += now - before;
    }
    return follows;
  }

  // The first message that begins in sight, or whose end is there.
  get #read() {
    const { top, bottom } = this.scroller.getBoundingClientRect();
    const all = this.#all.map((message) => ({ message, place: message.getBoundingClientRect() }));
    const begins = all.find(({ place }) => place.top >= top && place.top < bottom);
    return (begins ?? all.find(({ place }) => place.bottom > top))?.message;
  }

  // The messages of a snapshot: those that are there stay where they are, as they are now.
  take(messages) {
    // what was asked for before may lack what is not told one by one
    this.#meanwhile = undefined;
    this.keepingPlace(() => {
      const first = messages[0]?.seq ?? 0;
      // nothing is shown above a gap
      const isGap = !this.find(first);
      for (const shown of this.#all) if (isGap && Number(shown.dataset.seq) < first) this.#remove(shown);
      for (const message of messages) {
        const before = this.find(message.seq);
        const made = this.#drawing.message(message);
        if (!before) {
          this.#isEmptyNoMore();
          this.#insert(made);
        } else {
          made.toggleAttribute("data-grouped", before.hasAttribute("data-grouped"));
          keepEdit(before, made);
          before.replaceWith(made);
        }
      }
    });
  }

  expectOlder() {
    this.#meanwhile = [];
  }

  // Older ones, above what is shown: as they were at a seq, and then what has happened to them since.
  prepend(messages, at) {
    const meanwhile = this.#meanwhile;
    this.#meanwhile = undefined;
    if (!meanwhile) return;
    this.keepingPlace(() => {
      for (const message of messages) {
        if (this.find(message.seq)) continue;
        const made = this.#drawing.message(message);
        made.dataset.asOf = at;
        this.#insert(made);
      }
      for (const event of meanwhile) this.#apply(event);
    });
  }

  // What happens to a message, here or on its way.
  change(event) {
    this.#meanwhile?.push(event);
    this.keepingPlace(() => this.#apply(event));
  }

  // Once: a message may have been drawn as it was behind it.
  #apply({ seq, by, k, d }) {
    const shown = this.find(d.message);
    if (!shown || seq <= Number(shown.dataset.asOf)) return;
    shown.dataset.asOf = seq;
    if (k === "message_edited") this.#edit(shown, d);
    else if (k === "message_retracted") this.#retract(shown, d.reason);
    else this.react(d.message, d.emoji, by, k === "reacted");
  }

  // True if it is new here.
  add(message) {
    if (this.find(message.seq)) return false;
    this.#isEmptyNoMore();
    this.#insert(this.#drawing.message(message));
    const all = this.#all;
    const most = this.isAtEnd ? MOST : MOST_READING;
    for (const oldest of all.slice(0, Math.max(0, all.length - most))) this.#remove(oldest);
    return true;
  }

  #edit(shown, { body, spoiler, mentions }) {
    if ("retracted" in shown.dataset) return;
    this.#drawing.say(shown, { body, spoiler, mentions });
    this.#drawing.mark(shown, "edited");
  }

  #retract(shown, reason) {
    shown.dataset.retracted = "";
    shown.querySelector(".message-edited")?.remove();
    this.#drawing.say(shown, { body: null, reason });
    shown.querySelector(".message-reactions")?.replaceChildren();
    shown.querySelector(".message-menu")?.remove();
  }

  react(seq, emoji, by, on) {
    const reactions = this.find(seq)?.querySelector(".message-reactions");
    if (!reactions) return;
    const buttons = [...reactions.querySelectorAll("[data-reaction]")];
    const button = buttons.find(({ dataset }) => dataset.reaction === emoji);
    const isOwn = by === this.#self;
    const mine = button?.getAttribute("aria-pressed") === "true";
    if (isOwn && button && mine === on) return;
    const count = Number(button?.dataset.count ?? 0) + (on ? 1 : -1);
    if (count <= 0) {
      button?.remove();
      return;
    }
    const made = this.#drawing.reaction(emoji, count, isOwn ? on : mine);
    if (button) button.replaceWith(made);
    else reactions.append(made);
  }

  // What is on its way: at the end, until the server has given it a number.
  pend(message) {
    const made = this.#drawing.message({ ...message, by: this.#self, reactions: [] });
    made.dataset.cid = message.cid;
    delete made.dataset.seq;
    made.dataset.pending = "";
    this.#drawing.mark(made, "sending");
    this.#isEmptyNoMore();
    this.list.append(made);
    return made;
  }

  #isEmptyNoMore() {
    document.querySelector(".room-talk .empty")?.remove();
  }

  get allPending() {
    return [...this.list.querySelectorAll("[data-pending]")];
  }

  pending(cid) {
    return this.list.querySelector(`[data-cid="${cid}"]`);
  }

  // Recorded as this `seq`; it stays until it comes back as what was said.
  acknowledge(cid, seq) {
    const shown = this.pending(cid);
    if (!shown) return;
    if (!seq || this.find(seq)) shown.remove();
    else shown.dataset.acknowledged = seq;
  }

  // What was acknowledged is shown as what was said.
  settle(seq) {
    this.list.querySelector(`[data-acknowledged="${seq}"]`)?.remove();
  }

  // On its way again.
  wait(shown) {
    if (shown.dataset.failed === undefined) return;
    delete shown.dataset.failed;
    this.#drawing.mark(shown, "sending");
  }

  // Not before that time, which is counted down.
  delay(shown, due, discard) {
    const left = document.createElement("span");
    left.setAttribute("role", "timer");
    this.#drawing.mark(shown, "sending").replaceChildren(left, " ", this.#button("delete", discard));
    const count = () => {
      if (!left.isConnected) return;
      const seconds = Math.ceil((due - Date.now()) / 1_000);
      if (seconds <= 0) {
        this.#drawing.mark(shown, "sending");
        return;
      }
      const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      left.textContent = this.#texts["sends-in"].replace("{time}", time);
      setTimeout(count, 1_000);
    };
    count();
  }

  fail(shown, why, { again, discard }) {
    if (shown.dataset.failed === why) return;
    shown.dataset.failed = why;
    const mark = this.#drawing.mark(shown, "failed");
    mark.replaceChildren(why, " ", this.#button("try-again", again), " ", this.#button("delete", discard));
  }

  #button(text, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "message-again";
    button.textContent = this.#texts[text];
    button.addEventListener("click", act);
    return button;
  }

  // In order; what is pending stays last.
  #insert(made) {
    const seq = Number(made.dataset.seq);
    const all = this.#all;
    const before = all.findLast((other) => Number(other.dataset.seq) < seq);
    const next = before ? this.#following(before) : (all[0] ?? this.list.querySelector("[data-pending]"));
    if (before) before.after(made);
    else if (next) (this.#dividerOf(next) ?? next).before(made);
    else this.list.append(made);
    this.#relate(made, before);
    if (next?.matches(".message[data-seq]")) this.#relate(next, made);
  }

  #following(message) {
    let next = message.nextElementSibling;
    while (next && !next.matches(".message")) next = next.nextElementSibling;
    return next;
  }

  // The day's divider above a message, if there is one.
  #dividerOf(message) {
    let above = message.previousElementSibling;
    if (above?.matches(".new-messages")) above = above.previousElementSibling;
    return above?.matches(".day") ? above : undefined;
  }

  // A message behind another one: of the same breath, or of another day.
  #relate(message, before) {
    const isNewDay = !before || day(before.dataset.at) !== day(message.dataset.at);
    const divider = this.#dividerOf(message);
    if (divider && !isNewDay) divider.remove();
    if (!divider && isNewDay) message.before(dayDivider(message.dataset.at));
    const isSame =
      !isNewDay &&
      before.dataset.author === message.dataset.author &&
      !message.querySelector(".message-reply") &&
      new Date(message.dataset.at) - new Date(before.dataset.at) < SAME_AUTHOR_MS;
    message.toggleAttribute("data-grouped", isSame);
  }

  #remove(shown) {
    const next = this.#following(shown);
    if (!next || this.#dividerOf(next)) this.#dividerOf(shown)?.remove();
    shown.remove();
  }
}

// What is being typed into a message is not lost when it is drawn anew.
function keepEdit(before, made) {
  const form = before.querySelector(".message-edit");
  if (!form) return;
  made.dataset.editing = "";
  made.querySelector(".message-body").after(form);
}
