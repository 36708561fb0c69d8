// Who is in a room: what members are called, who is there, who is writing.

const TYPING_SHOWN_MS = 1_000;
// Changes closer together are looked at once.
const LOOK_MS = 1_000;
// A frame that everybody gets may come without a name: nobody asks for it at the same time.
const ASK_WITHIN_MS = 2_000;
const ASK_AGAIN_MS = 5_000;

export class People {
  // null: a former member's.
  #names;
  // Whose names are asked for, and what is drawn once they are known.
  #unnamed = new Map();
  #isAsking = false;
  #self;
  #texts;
  // Whoever spoke last is last.
  #spoke = new Set();
  #typing = new Map();
  #timer;
  #look;
  #lookedFor;
  // A page and a snapshot name so many at most: how many others are there.
  #unlisted;

  constructor(names, { self, texts }) {
    this.#names = new Map(Object.entries(names));
    this.#self = self;
    this.#texts = texts;
    const count = Number(document.getElementById("present-count").textContent);
    this.#unlisted = Math.max(0, count - here().length);
    for (const { dataset } of document.querySelectorAll(".message[data-author]")) this.#speaks(dataset.author);
  }

  get self() {
    return this.#self;
  }

  // All others whose names are known: who spoke last, who is here, and the rest.
  get known() {
    const listedHere = new Set(here().map(({ dataset }) => dataset.member));
    const ids = new Set([...[...this.#spoke].reverse(), ...listedHere, ...this.#names.keys()]);
    ids.delete(this.#self);
    const members = [...ids].map((id) => ({ id, name: this.#names.get(id), isHere: listedHere.has(id) }));
    return members.filter(({ name }) => name);
  }

  // What a member is called; null: a former one; undefined: not known yet, then `draw` is called
  // once it is.
  name(id, draw) {
    if (!this.#names.has(id)) this.#miss(id, draw);
    return this.#names.get(id);
  }

  // As the server draws it.
  author(id, name) {
    const made = document.createElement(name === null ? "span" : "a");
    made.className = name === null ? "author former" : "author";
    if (name !== null) made.href = `/members/${id}`;
    made.textContent = this.#called(name);
    return made;
  }

  #called(name) {
    return name ?? this.#texts[name === null ? "former-member" : "someone"];
  }

  know(members) {
    for (const { id, name } of members) if (name) this.#isCalled(id, name);
  }

  learn(names) {
    for (const [id, name] of Object.entries(names ?? {})) this.#isCalled(id, name);
  }

  #isCalled(id, name) {
    this.#names.set(id, name);
    const waiting = this.#unnamed.get(id) ?? [];
    this.#unnamed.delete(id);
    for (const draw of waiting) draw();
  }

  #miss(id, draw) {
    const waiting = this.#unnamed.get(id) ?? new Set();
    if (draw) waiting.add(draw);
    this.#unnamed.set(id, waiting);
    this.#askWithin(Math.random() * ASK_WITHIN_MS);
  }

  #askWithin(ms) {
    if (this.#isAsking || this.#unnamed.size === 0) return;
    this.#isAsking = true;
    setTimeout(async () => {
      const isDone = await this.#ask();
      this.#isAsking = false;
      this.#askWithin(isDone ? 0 : ASK_AGAIN_MS);
    }, ms);
  }

  // One after the other; false: not now.
  async #ask() {
    for (const id of this.#unnamed.keys()) {
      const name = await nameOf(id).catch(() => undefined);
      if (name === undefined) return false;
      this.#isCalled(id, name);
    }
    return true;
  }

  // All who are there, as a snapshot has it.
  take({ count, members }) {
    this.know(members);
    const there = new Set(members.map(({ id }) => id));
    for (const { dataset } of here()) if (!there.has(dataset.member)) this.leaves(dataset.member);
    for (const id of there) this.enters(id);
    this.#unlisted = Math.max(0, count - there.size);
    this.#count();
  }

  enters(id) {
    const present = document.getElementById("present");
    if (!listed(present, id)) present.append(listed(document.getElementById("away"), id) ?? this.#person(id));
    this.#count();
    if (id === this.#self) this.#mayLeave();
  }

  // Who keeps order or is invited is listed all the same.
  leaves(id) {
    const person = listed(document.getElementById("present"), id);
    if (!person) this.#unlisted = Math.max(0, this.#unlisted - 1);
    else if (person.querySelector(".tag")) document.getElementById("away").append(person);
    else person.remove();
    this.#count();
  }

  // Who is muted, banned or invited is told to who keeps order by the server's page alone: as it is
  // at this position or later.
  lookAgain(position) {
    this.#lookedFor = position;
    this.#look ??= setTimeout(() => this.#lookNow(), LOOK_MS);
  }

  async #lookNow() {
    if (document.hidden) {
      document.addEventListener("visibilitychange", () => this.#lookNow(), { once: true });
      return;
    }
    this.#look = undefined;
    const position = this.#lookedFor;
    const page = await drawnAt(position);
    // something newer is looked for already
    if (!page || position !== this.#lookedFor) return;
    const listedThere = page.querySelectorAll("#room-side [data-member]");
    const drawn = new Map([...listedThere].map((person) => [person.dataset.member, person]));
    const away = document.getElementById("away");
    for (const person of document.querySelectorAll("#room-side [data-member]")) {
      const now = drawn.get(person.dataset.member);
      if (now && now.textContent !== person.textContent) person.replaceWith(now.cloneNode(true));
      else if (!now && person.parentElement === away) person.remove();
    }
    // who is there is told by events
    for (const person of page.querySelectorAll("#away [data-member]")) {
      const { member } = person.dataset;
      if (!listed(document.getElementById("room-side"), member)) away.append(person.cloneNode(true));
    }
    this.#count();
  }

  // The page was drawn before we came in.
  #mayLeave() {
    const form = document.querySelector('.room-acts form[action$="/enter"]');
    if (!form) return;
    form.action = form.action.replace(/enter$/u, "leave");
    form.querySelector("button").textContent = this.#texts.leave;
  }

  // As the server draws them.
  #person(id) {
    const item = document.createElement("li");
    item.dataset.member = id;
    const draw = () => {
      const name = this.name(id, draw);
      item.replaceChildren(avatar(name), this.author(id, name));
    };
    draw();
    return item;
  }

  #count() {
    const count = here().length + this.#unlisted;
    document.getElementById("room-away").hidden = !document.querySelector("#away [data-member]");
    document.getElementById("present-count").textContent = count;
    const head = document.querySelector(".room-count .present");
    head.toggleAttribute("data-empty", count === 0);
    const text = this.#texts[["present-none", "present-one"][count] ?? "present-many"];
    head.querySelector(".present-text").textContent = text.replace("{count}", count);
  }

  pass({ k, members, names, ttl_ms: ttl }) {
    this.learn(names);
    if (k !== "typing") return;
    for (const id of members) if (id !== this.#self) this.#typing.set(id, Date.now() + ttl);
    this.#showTyping();
  }

  hasSpoken(id) {
    this.#speaks(id);
    this.#typing.delete(id);
    this.#showTyping();
  }

  #speaks(id) {
    this.#spoke.delete(id);
    this.#spoke.add(id);
  }

  #showTyping() {
    clearTimeout(this.#timer);
    for (const [id, until] of this.#typing) if (until <= Date.now()) this.#typing.delete(id);
    const line = document.getElementById("typing");
    const [first] = this.#typing.keys();
    if (!first) line.textContent = "";
    else if (this.#typing.size > 1) line.textContent = this.#texts["typing-many"];
    else line.textContent = this.#texts["typing-one"].replace("{name}", () => this.#called(this.name(first)));
    if (first) this.#timer = setTimeout(() => this.#showTyping(), TYPING_SHOWN_MS);
  }
}

// This page as it is by now; nothing where the server can't be reached. A script may not make a page
// of text (Trusted Types); the browser may.
function drawnAt(position) {
  return new Promise((resolve) => {
    const asking = new XMLHttpRequest();
    asking.open("GET", location.pathname);
    asking.setRequestHeader("reeltime-position", position);
    asking.responseType = "document";
    asking.addEventListener("loadend", () => resolve(asking.status === 200 ? asking.responseXML : undefined));
    asking.send();
  });
}

// Who is there and listed.
function here() {
  return [...document.querySelectorAll("#present [data-member]")];
}

function listed(list, id) {
  return list.querySelector(`[data-member="${id}"]`);
}

// A name by itself; null: a former member's.
async function nameOf(id) {
  const answer = await fetch(`/api/v1/members/${id}`, {
    headers: { accept: "application/json" },
    credentials: "same-origin",
  });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${id}: ${answer.status}`);
  return (await answer.json()).name;
}

// As the server draws it; a quiet one for who has no name, or none that is known.
export function avatar(name) {
  const made = document.createElement("span");
  made.setAttribute("aria-hidden", "true");
  made.className = "avatar former";
  if (!name) return made;
  const tone = new TextEncoder().encode(name).reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, 7);
  made.className = `avatar avatar-${tone % 8}`;
  made.textContent = [...name][0].toUpperCase();
  return made;
}
