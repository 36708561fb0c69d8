// <details class="confirm"><summary>…</summary><form class="confirm-form" data-cancel="…">…
// opens in place without scripts; here as a modal dialog that Escape closes.

export function enhanceConfirmations(root) {
  for (const details of root.querySelectorAll("details.confirm")) {
    details.querySelector("summary").addEventListener("click", (event) => {
      event.preventDefault();
      ask(details);
    });
  }
}

function ask(details) {
  const form = details.querySelector("form");
  const dialog = document.createElement("dialog");
  const actions = document.createElement("p");
  const cancel = document.createElement("button");
  const submit = form.querySelector("button[type=submit]");
  actions.className = "actions";
  cancel.type = "button";
  cancel.className = "button quiet";
  cancel.textContent = form.dataset.cancel;
  cancel.addEventListener("click", () => dialog.close());
  submit.replaceWith(actions);
  actions.append(cancel, submit);
  dialog.append(form);
  // Back into the page, as it was: the form belongs to it.
  dialog.addEventListener("close", () => {
    actions.replaceWith(submit);
    details.append(form);
    dialog.remove();
    details.querySelector("summary").focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}
