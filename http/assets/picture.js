// A picture that does not come makes room for the drawing beneath it.

export function enhancePictures(root) {
  for (const picture of root.querySelectorAll(".picture > img")) {
    if (picture.complete && picture.naturalWidth === 0 && picture.currentSrc) picture.remove();
    else picture.addEventListener("error", () => picture.remove(), { once: true });
  }
}
