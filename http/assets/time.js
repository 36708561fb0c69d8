// <time datetime="…Z">3 March 2025</time> becomes "5 minutes ago" for a week, and the date in
// the reader's own time zone after that. The exact moment is in the tooltip. A day without a time
// of day stays as it is.

const UPDATE_MS = 60_000;
const WEEK_S = 7 * 24 * 3_600;

const language = document.documentElement.lang || "en";
// Day first, as the server writes it.
const dates = language === "en" ? "en-GB" : language;
export const clock = new Intl.DateTimeFormat(dates, { timeStyle: "short" });
export const day = new Intl.DateTimeFormat(dates, { dateStyle: "long" });
export const exact = new Intl.DateTimeFormat(dates, { dateStyle: "long", timeStyle: "short" });

export function enhanceTimes(root) {
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const element of root.querySelectorAll("time[data-clock]")) {
    // In a chat the time of day, beside the day that stands above.
    const at = new Date(element.dateTime);
    element.textContent = clock.format(at);
    element.title = exact.format(at);
  }
  // What is to come is told by its date.
  for (const element of root.querySelectorAll("time[data-exact]")) {
    element.textContent = exact.format(new Date(element.dateTime));
  }
  const update = () => {
    for (const element of root.querySelectorAll("time[datetime*='T']:not([data-clock], [data-exact])")) {
      const at = new Date(element.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      element.textContent = say(at, relative);
      element.title = exact.format(at);
    }
  };
  update();
  setInterval(update, UPDATE_MS);
}

function say(at, relative) {
  // Clocks differ: what seems to be in the future is now.
  const seconds = Math.max(0, (Date.now() - at.getTime()) / 1_000);
  // Intl says "지금", which is no moment that has passed.
  if (seconds < 60) return language === "ko" ? "방금" : relative.format(0, "second");
  if (seconds < 3_600) return relative.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 24 * 3_600) return relative.format(-Math.floor(seconds / 3_600), "hour");
  if (seconds < WEEK_S) return relative.format(-Math.floor(seconds / (24 * 3_600)), "day");
  return day.format(at);
}
