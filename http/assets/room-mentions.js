// Whom does somebody name? After @ a list of who may be meant, as the ARIA practices describe an
// editable field with a list: the arrow keys choose, Enter or Tab takes, Escape closes. Korean is
// looked for while a syllable is still being composed; keys that belong to the composition are
// left to it.

import { endsInKorean, initials, letters } from "./letters.js";
import { avatar } from "./room-people.js";

const MOST = 6;
const LONGEST_NAME = 30;
const PAUSE_MS = 150;
const SUGGESTIONS = "/api/v1/search/suggestions";

let lists = 0;

export class Mentions {
  #text;
  #people;
  #texts;
  #list = document.createElement("ul");
  #status = document.createElement("span");
  #offered = [];
  #chosen = -1;
  #found = new Map();
  #isComposing = false;
  // Where a list was closed or taken from: not again before less is typed there.
  #closed;
  #pause;

  // `text` is a textarea; the list stands in its parent.
  constructor(text, { people, texts }) {
    this.#text = text;
    this.#people = people;
    this.#texts = texts;
    const list = this.#list;
    list.id = `mentions-${++lists}`;
    list.className = "suggestions mentions";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", texts.mentions);
    this.#status.className = "visually-hidden";
    this.#status.setAttribute("role", "status");
    text.after(list, this.#status);
    text.setAttribute("aria-autocomplete", "list");
    text.setAttribute("aria-haspopup", "listbox");
    text.setAttribute("aria-controls", list.id);
    for (const moved of ["input", "click", "focus"]) text.addEventListener(moved, () => this.#look());
    text.addEventListener("keyup", ({ key }) => {
      if (key === "ArrowLeft" || key === "ArrowRight" || key === "Home" || key === "End") this.#look();
    });
    text.addEventListener("compositionstart", () => { this.#isComposing = true; });
    text.addEventListener("compositionend", () => { this.#isComposing = false; });
    text.addEventListener("blur", () => this.#close());
    // The text keeps the focus, and a phone its keyboard, while the list is pressed.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  // A key that is not part of a composition; true: it was the list's.
  press(event) {
    if (this.#list.hidden) return false;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp": {
        const by = event.key === "ArrowDown" ? 1 : -1;
        this.#choose((this.#chosen + by + this.#offered.length) % this.#offered.length);
        break;
      }
      case "Enter":
      case "Tab":
        if (event.shiftKey) return false;
        this.#take(this.#offered[this.#chosen]);
        break;
      case "Escape":
        this.#closed = this.#typed;
        this.#close();
        break;
      default:
        return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  // From the sign to the caret, where a name may be being typed.
  get #typed() {
    const { value, selectionStart: caret, selectionEnd } = this.#text;
    const at = value.lastIndexOf("@", caret - 1);
    if (caret !== selectionEnd || at < 0 || caret - at > LONGEST_NAME + 1) return undefined;
    const query = value.slice(at + 1, caret);
    const isInWord = /[\p{L}\p{N}]$/u.test(value.slice(0, at));
    if (isInWord || /^\s|\n/u.test(query)) return undefined;
    return { at, query };
  }

  #look() {
    clearTimeout(this.#pause);
    const typed = this.#typed;
    if (this.#closed && (typed?.at !== this.#closed.at || typed.query.length < this.#closed.query.length)) {
      this.#closed = undefined;
    }
    if (!typed || this.#closed) {
      this.#close();
      return;
    }
    this.#offer(typed.query);
    if (typed.query.trim() && this.#offered.length < MOST) {
      this.#pause = setTimeout(() => this.#search(typed.query), PAUSE_MS);
    }
  }

  // Members who are not in the room.
  async #search(query) {
    const answer = await fetch(`${SUGGESTIONS}?q=${encodeURIComponent(query)}`, {
      headers: { accept: "application/json" },
      credentials: "same-origin",
    }).catch(() => undefined);
    if (!answer?.ok) return;
    const { items } = await answer.json();
    for (const { kind, name, href } of items) {
      if (kind !== "member") continue;
      const id = href.slice(href.lastIndexOf("/") + 1);
      this.#found.set(id, { id, name: name.map(({ text }) => text).join(""), isHere: false });
    }
    // what was typed meanwhile is asked for by itself
    if (this.#typed?.query === query && !this.#closed) this.#offer(query);
  }

  #offer(query) {
    const known = this.#people.known;
    const ids = new Set(known.map(({ id }) => id));
    const others = [...this.#found.values()].filter(({ id }) => !ids.has(id) && id !== this.#people.self);
    const all = [...known, ...others];
    const sought = letters(query);
    const isSought = ({ name }) =>
      [name, ...name.split(/\s+/u).slice(1)].some(
        (part) => letters(part).startsWith(sought) || initials(part).startsWith(sought),
      );
    const isWhole = ({ name }) => letters(name) === sought.trimEnd();
    const offered = all.filter(isSought).slice(0, MOST);
    // who has a whole name there is done with it
    const isDone = all.some(isWhole) && (offered.length < 2 || sought !== sought.trimEnd());
    this.#show(isDone ? [] : offered);
  }

  #show(offered) {
    this.#offered = offered;
    this.#list.replaceChildren(...offered.map((one, nth) => this.#option(one, nth)));
    if (offered.length === 0 || document.activeElement !== this.#text) {
      this.#close();
      return;
    }
    this.#list.hidden = false;
    this.#text.setAttribute("aria-expanded", "true");
    this.#status.textContent = this.#texts["mentions-some"].replace("{count}", offered.length);
    this.#choose(0);
  }

  #option({ id, name, isHere }, nth) {
    const option = document.createElement("li");
    option.id = `${this.#list.id}-${nth}`;
    option.setAttribute("role", "option");
    option.dataset.member = id;
    const who = document.createElement("span");
    who.className = "suggestion-name";
    who.textContent = name;
    option.append(avatar(name), who);
    if (isHere) {
      const here = document.createElement("span");
      here.className = "suggestion-detail";
      here.textContent = this.#texts.here;
      option.append(here);
    }
    option.addEventListener("click", () => this.#take(this.#offered[nth]));
    option.addEventListener("pointermove", () => {
      if (this.#chosen !== nth) this.#choose(nth);
    });
    return option;
  }

  #choose(nth) {
    this.#chosen = nth;
    for (const [at, option] of [...this.#list.children].entries()) {
      option.setAttribute("aria-selected", String(at === nth));
    }
    const option = this.#list.children[nth];
    if (option) {
      this.#text.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.#text.removeAttribute("aria-activedescendant");
  }

  // Korean particles follow a name without a space.
  #take({ name }) {
    if (this.#isComposing) {
      // ends the syllable that is being composed: it goes with what is replaced
      this.#text.blur();
      this.#text.focus();
    }
    const { at } = this.#typed ?? {};
    if (at === undefined) return;
    const { value, selectionStart: caret } = this.#text;
    const space = endsInKorean(name) || /^\s/u.test(value.slice(caret)) ? "" : " ";
    this.#closed = { at, query: name + space };
    this.#text.setRangeText(`@${name}${space}`, at, caret, "end");
    this.#text.dispatchEvent(new Event("input", { bubbles: true }));
    this.#close();
  }

  #close() {
    this.#list.hidden = true;
    this.#status.textContent = "";
    this.#text.removeAttribute("aria-expanded");
    this.#choose(-1);
  }
}
