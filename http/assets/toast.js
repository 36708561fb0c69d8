// A short message at the lower edge, also for screen readers. One at a time.

const SHOWN_MS = 6_000;

let shown;

export function toast(text) {
  shown?.remove();
  const message = document.createElement("p");
  message.className = "toast";
  message.setAttribute("role", "alert");
  message.textContent = text;
  document.body.append(message);
  shown = message;
  setTimeout(() => message.remove(), SHOWN_MS);
}
