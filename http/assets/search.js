// <form data-suggestions="/api/v1/search/suggestions">: suggestions while somebody types, as the
// ARIA practices describe an editable combobox with a list: the arrow keys choose, Enter goes
// there, Escape closes the list, then empties the box. Korean is searched for while a syllable is
// still being composed; keys that belong to the composition are left to it.

const PAUSE_MS = 120;

export function enhanceSearch(root) {
  for (const form of root.querySelectorAll("form[data-suggestions]")) enhance(form);
}

function enhance(form) {
  const input = form.querySelector("input[type=search]");
  const list = document.createElement("ul");
  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.label);
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  form.append(list, status);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    "aria-expanded": "false",
  })) input.setAttribute(name, value);

  const box = { form, input, list, status, chosen: -1, asked: "", pause: 0, request: null };
  input.addEventListener("input", () => ask(box));
  input.addEventListener("focus", () => {
    if (input.value.trim() === box.asked && list.children.length) open(box);
  });
  input.addEventListener("keydown", (event) => press(box, event));
  form.addEventListener("submit", (event) => {
    if (input.value.trim() === "") event.preventDefault();
    close(box);
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close(box);
  });
  // The box keeps the focus while the list is pressed.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
}

function ask(box) {
  clearTimeout(box.pause);
  box.request?.abort();
  const typed = box.input.value.trim();
  if (typed === "") forget(box);
  else if (typed !== box.asked) box.pause = setTimeout(() => suggest(box, typed), PAUSE_MS);
}

async function suggest(box, typed) {
  box.request = new AbortController();
  try {
    const address = `${box.form.dataset.suggestions}?q=${encodeURIComponent(typed)}`;
    const response = await fetch(address, {
      headers: { accept: "application/json" },
      credentials: "same-origin",
      signal: box.request.signal,
    });
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    const { items } = await response.json();
    // What was typed meanwhile has its own answer.
    if (box.input.value.trim() === typed) show(box, typed, items);
  } catch (error) {
    if (error.name === "AbortError") return;
    // Without suggestions the box is a search form as before.
    forget(box);
  }
}

// What was offered belongs to what was typed before.
function forget(box) {
  box.asked = "";
  box.list.replaceChildren();
  close(box);
}

function show(box, typed, items) {
  box.asked = typed;
  box.chosen = -1;
  box.list.replaceChildren(...items.map((item, nth) => option(box, item, nth)));
  const { none, some } = box.form.dataset;
  box.status.textContent = items.length ? some : none;
  if (items.length && document.activeElement === box.input) open(box);
  else close(box);
}

function option(box, item, nth) {
  const option = document.createElement("li");
  option.id = `${box.list.id}-${nth}`;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.dataset.href = item.href;
  const name = document.createElement("span");
  name.className = "suggestion-name";
  name.append(...item.name.map(({ text, is_match }) => {
    if (!is_match) return text;
    const mark = document.createElement("mark");
    mark.textContent = text;
    return mark;
  }));
  const detail = document.createElement("span");
  detail.className = "suggestion-detail";
  detail.textContent = [box.form.dataset[item.kind], item.detail].filter(Boolean).join(" · ");
  option.append(name, " ", detail);
  option.addEventListener("click", () => location.assign(item.href));
  option.addEventListener("pointermove", () => {
    if (box.chosen !== nth) choose(box, nth);
  });
  return option;
}

function press(box, event) {
  // Keys of an input method: Enter ends a syllable, arrows choose among its candidates.
  if (event.isComposing || event.keyCode === 229) return;
  const options = box.list.children.length;
  const isOpen = !box.list.hidden;
  switch (event.key) {
    case "ArrowDown":
    case "ArrowUp":
      if (!options) return;
      event.preventDefault();
      open(box);
      choose(box, step(box.chosen, event.key === "ArrowDown" ? 1 : -1, options));
      return;
    case "Enter":
      if (!isOpen || box.chosen < 0) return;
      event.preventDefault();
      location.assign(box.list.children[box.chosen].dataset.href);
      return;
    case "Escape":
      event.preventDefault();
      if (isOpen) close(box);
      else {
        box.input.value = "";
        ask(box);
      }
      return;
    case "Home":
    case "End":
    case "ArrowLeft":
    case "ArrowRight":
      // Back in the text.
      if (isOpen) choose(box, -1);
  }
}

// Past the last option is the text, then the first again.
function step(chosen, by, options) {
  return ((chosen + 1 + by + options + 1) % (options + 1)) - 1;
}

function choose(box, nth) {
  box.chosen = nth;
  for (const [at, option] of [...box.list.children].entries()) {
    option.setAttribute("aria-selected", String(at === nth));
  }
  const option = box.list.children[nth];
  if (option) {
    box.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else box.input.removeAttribute("aria-activedescendant");
}

function open(box) {
  box.list.hidden = false;
  box.input.setAttribute("aria-expanded", "true");
}

function close(box) {
  box.list.hidden = true;
  box.input.setAttribute("aria-expanded", "false");
  choose(box, -1);
}
