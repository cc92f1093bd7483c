"use strict";
// The theme changes in place; a change of language brings back what was typed on the page.
(() => {
  const KEPT = "kept-fields";

  const showTheme = (form, theme) => {
    document.documentElement.dataset.theme = theme;
    document.querySelector("meta[name=color-scheme]").content = theme === "system" ? "light dark" : theme;
    form.querySelectorAll("button[name=theme]").forEach((button) => {
      if (button.value === theme) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
  };

  const kept = "form:not([data-keeps-forms], [data-theme-switch], [method=dialog]) :is(input, select, textarea)";
  const fields = () =>
    [...document.querySelectorAll(kept)].filter(
      (field) => field.name && !["password", "hidden", "file", "submit"].includes(field.type),
    );

  const state = (field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked;
    return field.multiple && field.options ? [...field.selectedOptions].map((option) => option.value) : field.value;
  };

  const restore = (field, value) => {
    if (typeof value === "boolean") field.checked = value;
    else if (Array.isArray(value)) [...field.options].forEach((option) => (option.selected = value.includes(option.value)));
    else field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const keep = () => {
    const values = fields().map((field) => [field.name, state(field)]);
    sessionStorage.setItem(KEPT, JSON.stringify({ page: location.pathname, values }));
  };

  const bringBack = () => {
    const text = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    const { page, values } = JSON.parse(text || "{}");
    if (page !== location.pathname) return;
    fields().forEach((field, place) => {
      const [name, value] = values[place] || [];
      if (name === field.name && value !== state(field) && String(value) !== String(state(field))) restore(field, value);
    });
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-keeps-forms]")) keep();
    if (!form.matches("[data-theme-switch]") || !event.submitter) return;
    event.preventDefault();
    showTheme(form, event.submitter.value);
    form.closest("[popover]")?.hidePopover();
    fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), redirect: "manual" });
  });

  bringBack();
})();
