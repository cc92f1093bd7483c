"use strict";
// Copy buttons; without script the text stands in a field beside them. That it was copied is told beside the button,
// which keeps its name.
(() => {
  const SHOWN_MS = 2000;
  const timers = new WeakMap();

  const enhance = (root) =>
    root.querySelectorAll("[data-copy][hidden]").forEach((button) => {
      if (navigator.clipboard) button.hidden = false;
    });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const status = button.closest(".copy").querySelector("[role=status]");
    clearTimeout(timers.get(status));
    status.textContent = button.dataset.copied;
    timers.set(
      status,
      setTimeout(() => (status.textContent = ""), SHOWN_MS),
    );
  });

  enhance(document);
  document.addEventListener("htmx:load", (event) => enhance(event.target));
})();
