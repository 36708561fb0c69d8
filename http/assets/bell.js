// <a class="bell" data-none="…" data-new="… {count} …"> says what is new for the member.
// A page that is come back to, from another tab or with the browser's back button, asks again.

const AGAIN_MS = 15_000;
const MOST_SHOWN = 99;

export function enhanceBell(root) {
  const bell = root.querySelector(".bell");
  if (!bell) return;
  let asked = performance.now();
  const ask = () => {
    asked = performance.now();
    refresh().catch((error) => console.warn(error));
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && performance.now() - asked > AGAIN_MS) ask();
  });
  addEventListener("pageshow", (event) => event.persisted && ask());
}

async function refresh() {
  const response = await fetch("/api/v1/notifications/seen", { credentials: "same-origin" });
  if (response.ok) showUnseen((await response.json()).unseen);
}

export function showUnseen(unseen) {
  const bell = document.querySelector(".bell");
  const told = bell.dataset.new.replace("{count}", unseen);
  bell.setAttribute("aria-label", unseen === 0 ? bell.dataset.none : told);
  let count = bell.querySelector(".bell-count");
  if (unseen === 0) return count?.remove();
  if (!count) {
    count = document.createElement("span");
    count.className = "bell-count";
    bell.append(count);
  }
  count.textContent = Math.min(unseen, MOST_SHOWN);
}
