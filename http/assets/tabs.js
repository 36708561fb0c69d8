// .tabs, .decades: on a narrow screen the row scrolls to where one is.

export function enhanceTabs(root) {
  for (const here of root.querySelectorAll(":is(.tabs, .decades) [aria-current]")) {
    const row = here.parentElement;
    const [place, around] = [here, row].map((element) => element.getBoundingClientRect());
    row.scrollLeft += place.left - around.left - (around.width - place.width) / 2;
  }
}
