// One room's connection: the live protocol's client side, without any page.
//
// The whole rule: seq == last + 1 apply; seq <= last drop; seq > last + 1 subscribe again from
// last. It comes back by itself, after a random time up to a bound that doubles.

import { EventsWire, SocketWire, leaveWord } from "./room-wire.js";

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 20_000;
// Nothing for longer than the server's ping and its patience: the line is dead.
const SILENCE_MS = 40_000;
// A proxy may hold an upgrade that it does not understand.
const OPENING_MS = 10_000;
const ANSWER_MS = 15_000;
// From here on the server's verdict is final.
const FOR_GOOD = 4500;
// A connection that lasted so long starts the waiting anew.
const STABLE_MS = 10_000;
const BROKEN = 1006;

export class Connection {
  #room;
  #on;
  #wire;
  // WebSockets in a row that never opened, and whether this one has.
  #refused = 0;
  #works = false;
  #prefersEvents = false;
  #answers = new Map();
  #id = 0;
  #tries = 0;
  #timer;
  #silence;
  #openedAt = 0;
  #isOver = false;

  // `place` is {epoch, seq} or null: a snapshot. `on` has: state(name, why), snapshot(snapshot),
  // event(event, names), passing(frame), standing(frame), ended({code, reason, until}).
  constructor({ room, enter, place, on }) {
    this.#room = room;
    this.enter = enter;
    this.place = place;
    this.#on = on;
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#hurry();
    });
    this.#connect();
  }

  get isOpen() {
    return this.#wire?.isOpen === true && this.isIn === true;
  }

  // Sends a frame and waits for its answer; throws when there is none.
  ask(frame) {
    return new Promise((resolve, reject) => {
      if (!this.#wire?.isOpen) {
        reject(new Error("offline"));
        return;
      }
      const id = ++this.#id;
      const timer = setTimeout(() => this.#answers.delete(id) && reject(new Error("late")), ANSWER_MS);
      this.#answers.set(id, { resolve, reject, timer });
      this.#wire.say({ ...frame, id, room: frame.room ?? this.#room });
    });
  }

  // Whoever has stayed while nobody was there.
  enterAgain() {
    if (this.isOpen) this.#subscribe();
  }

  tell(frame) {
    if (this.isOpen) this.#wire.say({ ...frame, room: this.#room });
  }

  // Of a page that goes.
  leaveWord(frame) {
    leaveWord({ ...frame, room: this.#room });
  }

  #connect() {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    const current = (act) => (given) => {
      if (wire === this.#wire) act(given);
    };
    const wire = new (this.#byEvents ? EventsWire : SocketWire)({
      open: current(() => this.#opened()),
      frame: current((frame) => this.#hear(frame)),
      closed: current((code) => this.#closed(code)),
    });
    this.#wire = wire;
    this.#works = false;
    this.#listen(OPENING_MS);
  }

  // Where no WebSocket has opened twice in a row, every other try is by events.
  get #byEvents() {
    return this.#prefersEvents || (this.#refused > 0 && this.#refused % 2 === 0);
  }

  #opened() {
    this.#openedAt = Date.now();
    this.#listen();
    this.#wire.say({ t: "hello", id: 0, rooms: {} });
  }

  #isHeard() {
    this.#works = true;
    this.#prefersEvents = this.#wire instanceof EventsWire;
    if (!this.#prefersEvents) this.#refused = 0;
  }

  // `why` it is closed from here, if the server has said so.
  #closed(code, why) {
    clearTimeout(this.#silence);
    this.#wire = undefined;
    this.isIn = false;
    if (!this.#works) {
      this.#refused++;
      this.#prefersEvents = false;
    }
    this.#expectNothing();
    if (code >= FOR_GOOD && code < 5000) {
      this.#isOver = true;
      this.#on.state("over");
      return;
    }
    this.#on.state("reconnecting", why);
    if (this.#openedAt && Date.now() - this.#openedAt > STABLE_MS) this.#tries = 0;
    this.#openedAt = 0;
    const bound = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#tries++);
    this.#wait(Math.random() * bound);
  }

  #expectNothing() {
    for (const { reject, timer } of this.#answers.values()) {
      clearTimeout(timer);
      reject(new Error("offline"));
    }
    this.#answers.clear();
  }

  #wait(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), ms);
  }

  // The network is back, or somebody looks again: no reason to wait on.
  #hurry() {
    if (!this.#wire) this.#wait(Math.random() * FIRST_RETRY_MS);
  }

  #listen(ms = SILENCE_MS) {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#drop(), ms);
  }

  // A half-open socket may take minutes to say that it is closed.
  #drop(why) {
    const wire = this.#wire;
    this.#wire = undefined;
    wire?.close();
    this.#closed(BROKEN, why);
  }

  #hear(frame) {
    this.#listen();
    if (frame.t === "subscribed" || frame.epoch) this.#isHeard();
    const waiting = this.#answers.get(frame.id);
    if (waiting) {
      this.#answers.delete(frame.id);
      clearTimeout(waiting.timer);
      waiting.resolve(frame);
    }
    switch (frame.t) {
      case "welcome":
        // of another log than the page, or of one that is not told: from a snapshot
        if (this.place && !this.place.epoch) {
          this.place = frame.epoch ? { ...this.place, epoch: frame.epoch } : null;
        }
        this.#subscribe();
        break;
      case "events":
        this.#events(frame);
        break;
      case "ephemeral":
        this.#on.passing(frame);
        break;
      case "standing":
        this.#on.standing(frame);
        break;
      case "ping":
        this.#wire.say({ t: "pong", n: frame.n });
        if ((frame.head?.[this.#room] ?? 0) > (this.place?.seq ?? 0) && this.isIn) this.#subscribe();
        break;
      case "gap":
        // too much to catch up with: from a snapshot
        this.place = null;
        this.#subscribe();
        break;
      case "ended":
        if (frame.code === "resubscribe") this.#subscribe();
        else this.#end(frame);
        break;
      case "goaway": {
        // a line that was cut meanwhile is a new one already
        const wire = this.#wire;
        setTimeout(() => {
          if (wire === this.#wire) this.#move();
        }, frame.in_ms);
        break;
      }
    }
  }

  // To another node, without a pause that anybody would see.
  #move() {
    const former = this.#wire;
    this.#wire = undefined;
    former?.close();
    this.#tries = 0;
    this.isIn = false;
    this.#expectNothing();
    this.#connect();
  }

  // Why there is nothing more to hear: asking again gives the same answer.
  #end(verdict) {
    this.isIn = false;
    this.#isOver = true;
    this.#on.ended(verdict);
  }

  async #subscribe() {
    if (this.subscribing) return;
    this.subscribing = true;
    try {
      const answer = await this.ask({ t: "sub", enter: this.enter, after: this.place });
      if (answer.t === "error") {
        if (answer.temporary) this.#drop(answer.code);
        else this.#end(answer);
        return;
      }
      if (answer.mode === "snapshot") {
        this.place = { epoch: answer.epoch, seq: answer.snapshot.at };
        this.#on.snapshot(answer.snapshot);
      }
      this.isIn = true;
      this.#on.state("live");
    } catch {
      // closed meanwhile: it comes back
    } finally {
      this.subscribing = false;
    }
  }

  #events({ e, names }) {
    for (const event of e) {
      if (!this.place || event.seq <= this.place.seq) continue;
      if (event.seq > this.place.seq + 1) {
        this.#subscribe();
        return;
      }
      this.place.seq = event.seq;
      this.#on.event(event, names ?? {});
    }
  }
}
