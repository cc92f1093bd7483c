"use strict";
// Copy buttons; without script the text stands in a field beside them.
(() => {
  const SHOWN_MS = 2000;

  const enhance = (root) =>
    root.querySelectorAll("[data-copy][hidden]").forEach((button) => {
      if (navigator.clipboard) button.hidden = false;
    });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.querySelector("span");
    const before = label.textContent;
    if (before === button.dataset.copied) return;
    label.setAttribute("role", "status");
    label.textContent = button.dataset.copied;
    setTimeout(() => (label.textContent = before), SHOWN_MS);
  });

  enhance(document);
  document.addEventListener("htmx:load", (event) => enhance(event.target));
})();
