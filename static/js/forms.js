"use strict";
// Forms: sent once, the first mistake gets the focus, a password can be shown.
(() => {
  const PATIENCE_MS = 15000;
  const busy = new Set();

  const release = (form) => {
    busy.delete(form);
    form.querySelectorAll("[aria-busy=true]").forEach((button) => button.removeAttribute("aria-busy"));
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.closest("[hx-post], [data-hx-post]")) return;
    if (busy.has(form)) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented) return;
    busy.add(form);
    event.submitter?.setAttribute("aria-busy", "true");
    setTimeout(release, PATIENCE_MS, form);
  });

  // Coming back by the Back button finds the form usable again.
  addEventListener("pageshow", (event) => {
    if (event.persisted) busy.forEach(release);
  });

  const enhance = (root) => {
    root.querySelectorAll(".field-secret > button[hidden]").forEach((button) => {
      const input = button.previousElementSibling;
      button.hidden = false;
      button.addEventListener("click", () => {
        const shown = input.type === "text";
        input.type = shown ? "password" : "text";
        button.setAttribute("aria-pressed", String(!shown));
      });
    });
  };

  enhance(document);
  document.addEventListener("htmx:load", (event) => enhance(event.target));
  document.querySelector("main [aria-invalid=true]")?.focus();
})();
