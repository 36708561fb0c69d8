// .tabs: on a narrow screen the row scrolls to where one is.

export function enhanceTabs(root) {
  for (const here of root.querySelectorAll(".tabs [aria-current]")) {
    const row = here.closest(".tabs");
    const [place, around] = [here, row].map((element) => element.getBoundingClientRect());
    row.scrollLeft += place.left - around.left - (around.width - place.width) / 2;
  }
}
