// <a class="comment-answer" href="#text" data-answer="@Ann"> leads to the field for a comment, and
// names in it whom one answers.

export function enhanceAnswers(root) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a.comment-answer");
    const field = link && document.querySelector(link.hash);
    if (!field) return;
    event.preventDefault();
    const name = link.dataset.answer;
    if (!field.value.includes(name)) {
      const before = field.value.trimEnd();
      field.value = before ? `${before} ${name} ` : `${name} `;
    }
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  });
}
