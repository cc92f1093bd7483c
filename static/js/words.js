"use strict";
// Words in double braces: a button puts one where the cursor was last, in the form it belongs to.
(() => {
  const last = new WeakMap();
  const writes = (element) => element?.matches?.('textarea, input[type="text"], input:not([type])');

  document.addEventListener("focusin", (event) => {
    const form = event.target.closest?.("form.step-form");
    if (form && writes(event.target) && event.target.name !== "look_contact") last.set(form, event.target);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-insert]");
    if (!button) return;
    const form = button.closest("form");
    const known = last.get(form);
    const field = known?.isConnected ? known : form.querySelector("textarea");
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  const show = (root) => root.querySelectorAll("[data-insert][hidden]").forEach((button) => (button.hidden = false));
  show(document);
  document.addEventListener("htmx:load", (event) => show(event.target));
})();
