// <section id="room" data-room="…">: makes a room's page live. Without it the page works by forms.

import { Connection } from "./room-connection.js";
import { Messages } from "./room-messages.js";
import { People } from "./room-people.js";
import { Reading } from "./room-reading.js";
import { Speaking } from "./room-speaking.js";
import { clock, exact } from "./time.js";

// "Reconnecting" is not worth showing for less.
const FLICKER_MS = 800;
// Until the server's page says why it is over.
const ENDED_MS = 1_500;
// A moderator's words take longer to read.
const READING_MS = 6_000;
// A page that ends again so soon is not loaded again.
const RELOADED_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
const KEEPING_ORDER = new Set(["maker", "moderator"]);
// A timer can't wait longer.
const LONGEST_MS = 2 ** 31 - 1;

class Room {
  constructor(section) {
    const { room, member, seq, newest } = section.dataset;
    this.section = section;
    const self = member || null;
    const { texts, members } = JSON.parse(document.getElementById("room-data").textContent);
    this.texts = texts;
    this.people = new People(members, { self, texts });
    const { people } = this;
    this.messages = new Messages(document.getElementById("messages"), { self, texts, people });
    this.isNewest = newest !== "false";
    this.connection = new Connection({
      room,
      enter: this.mayEnter,
      // what the page shows was true at this seq; the epoch comes with the welcome
      place: this.isNewest && seq ? { epoch: null, seq: Number(seq) } : null,
      on: {
        state: (state, why) => this.#state(state, why),
        snapshot: (snapshot) => this.#snapshot(snapshot),
        event: (event, names) => this.#event(event, names),
        passing: (frame) => this.people.pass(frame),
        standing: (frame) => this.#standing(frame),
        ended: (verdict) => this.#ended(verdict),
      },
    });
    this.reading = new Reading(section, this);
    if (self) this.speaking = new Speaking(section, this);
    fitAboveKeyboard();
    pressBeforeMoving(section.querySelector(".room-head"));
  }

  #state(state, why) {
    // what has ended says why
    if (this.isEnded) return;
    clearTimeout(this.flicker);
    this.section.dataset.state = state;
    if (state === "live") {
      this.#status("");
      this.speaking?.flush();
      this.reading?.look();
    } else {
      const text = state === "over" ? this.texts.over : (this.texts[why] ?? this.texts.reconnecting);
      this.flicker = setTimeout(() => this.#status(text), FLICKER_MS);
    }
  }

  #status(text) {
    const status = document.getElementById("room-status");
    status.hidden = !text;
    status.textContent = text;
  }

  #snapshot({ room, present, messages, me }) {
    for (const { by, name, mentions } of messages) this.people.know([{ id: by, name }, ...(mentions ?? [])]);
    this.reading.begin(room.last_n, me.read);
    if (this.isNewest) this.messages.take(messages);
    this.speaking?.settle(messages);
    this.people.take(present);
  }

  // Of oneself: nobody else is told.
  #standing({ muted, muted_until: until, reason }) {
    clearTimeout(this.unmuting);
    if (!document.getElementById("muted")) return;
    this.#mute(muted);
    const why = this.#why({ until, reason });
    document.getElementById("muted-why").textContent = why && `· ${why}`;
    if (!muted || !until) return;
    const ms = Math.min(new Date(until) - Date.now(), LONGEST_MS);
    this.unmuting = setTimeout(() => this.#mute(false), ms);
  }

  // Why one may not write stands where one would; what is typed there stays.
  #mute(muted) {
    const composer = document.getElementById("composer");
    document.getElementById("muted").hidden = !muted;
    composer.hidden = muted && composer.elements.text.value === "";
  }

  // Until when, and what was said about it.
  #why({ until, reason }) {
    const at = new Date(until);
    const time = at - Date.now() < DAY_MS ? clock : exact;
    const lasts = until && this.texts.until.replace("{time}", () => time.format(at));
    const said = reason && this.texts.reason.replace("{reason}", () => reason);
    return [lasts, said].filter(Boolean).join(" · ");
  }

  #event({ seq, pos, at, by, k, d }, names) {
    this.people.learn(names);
    const { messages } = this;
    switch (k) {
      case "message_posted":
        this.people.hasSpoken(by);
        this.#posted({ ...d, seq, at, by });
        break;
      case "message_edited":
      case "message_retracted":
      case "reacted":
      case "unreacted":
        messages.change({ seq, by, k, d });
        break;
      case "entered":
        this.people.enters(by);
        break;
      case "left":
        this.people.leaves(by);
        break;
      case "order_kept":
        if (KEEPING_ORDER.has(this.section.dataset.role)) this.people.lookAgain(pos);
        break;
      case "archived":
      case "reopened":
        this.section.dataset.archived = String(k === "archived");
        // coming back after a break opens no archived room again
        this.connection.enter = this.mayEnter;
        // all had left with the archiving
        if (this.mayEnter) this.connection.enterAgain();
        break;
      case "renamed":
        if (d.name) this.reading.title = document.getElementById("room-name").textContent = d.name;
        break;
      case "described":
        document.getElementById("room-description").textContent = d.description ?? "";
        break;
      case "slow_mode_set": {
        const tag = document.getElementById("slow-mode");
        tag.hidden = d.seconds === 0;
        const isWhole = d.seconds % 60 === 0;
        const text = this.texts[isWhole ? "slow-mode-minutes" : "slow-mode"];
        tag.textContent = text.replace("{count}", isWhole ? d.seconds / 60 : d.seconds);
        break;
      }
    }
  }

  #posted(message) {
    if (!this.isNewest) {
      this.reading.begin(message.n);
      this.reading.offerJump();
      return;
    }
    let added = false;
    const follows = this.messages.keepingPlace(() => {
      this.speaking?.settle([message]);
      added = this.messages.add(message);
    });
    if (added) this.reading.posted(message, follows);
  }

  #ended({ code, reason, until }) {
    this.isEnded = true;
    clearTimeout(this.flicker);
    const text = this.texts[code] ?? this.texts.over;
    const why = this.#why({ until, reason });
    this.#status(why ? `${text} · ${why}` : text);
    this.section.dataset.state = "ended";
    document.getElementById("muted")?.setAttribute("hidden", "");
    // the server's page says what there is to say; whoever was removed is not to enter again by it
    const go = code === "removed" ? () => location.assign("/rooms") : () => reloadOnce();
    setTimeout(go, reason ? READING_MS : ENDED_MS);
  }

  // Looking at what was said opens no archived room again.
  get mayEnter() {
    return Boolean(this.section.dataset.member) && this.section.dataset.archived !== "true";
  }
}

// What a new page does not mend, another one does not, either.
function reloadOnce() {
  const key = `room-reloaded:${location.pathname}`;
  try {
    const before = Number(sessionStorage.getItem(key));
    sessionStorage.setItem(key, Date.now());
    if (Date.now() - before < RELOADED_MS) return;
  } catch {
    // Where nothing may be kept, nobody knows: better to stand still.
    return;
  }
  location.reload();
}

// A phone's keyboard may cover the lower part of a page, which keeps its height: the room is as
// high as what is seen of it.
function fitAboveKeyboard() {
  const seen = window.visualViewport;
  seen?.addEventListener("resize", () => {
    const isZoomed = seen.scale > 1.01;
    document.documentElement.style.setProperty("--seen", isZoomed ? "100dvh" : `${seen.height}px`);
    if (!isZoomed) scrollTo(0, 0);
  });
}

// While one writes on a phone, the site's head is gone. It comes back when the field loses the focus,
// which would take away what is pressed from under the finger: first it is pressed.
function pressBeforeMoving(head) {
  const isMeant = ({ target }) =>
    document.activeElement?.matches(".room textarea") && !target.closest("input, select, label");
  head.addEventListener("pointerdown", (event) => {
    if (isMeant(event)) event.preventDefault();
  });
  head.addEventListener("click", (event) => {
    if (isMeant(event)) document.activeElement.blur();
  });
}

const section = document.getElementById("room");
if (section?.dataset.room) new Room(section);
