// <section class="rail" data-previous="…" data-next="…">: two buttons for those who can't swipe.

export function enhanceRails(root) {
  for (const rail of root.querySelectorAll(".rail")) {
    const row = rail.querySelector(".rail-row");
    const previous = button("previous", rail.dataset.previous, () => scroll(row, -1));
    const next = button("next", rail.dataset.next, () => scroll(row, 1));
    const buttons = document.createElement("div");
    buttons.className = "rail-buttons";
    buttons.append(previous, next);
    rail.querySelector(".section-head").append(buttons);
    const update = () => {
      const end = row.scrollWidth - row.clientWidth;
      buttons.hidden = end < 8;
      previous.disabled = row.scrollLeft < 8;
      next.disabled = row.scrollLeft > end - 8;
    };
    row.addEventListener("scroll", update, { passive: true });
    new ResizeObserver(update).observe(row);
  }
}

function scroll(row, direction) {
  row.scrollBy({ left: direction * row.clientWidth * 0.85, behavior: "smooth" });
}

const SVG = "http://www.w3.org/2000/svg";
const ICONS = new URL("./icons.svg", import.meta.url).pathname;

function button(className, label, act) {
  const element = document.createElement("button");
  const icon = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  element.type = "button";
  element.className = className;
  element.setAttribute("aria-label", label);
  icon.setAttribute("class", "icon");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${ICONS}#chevron`);
  icon.append(use);
  element.append(icon);
  element.addEventListener("click", act);
  return element;
}
