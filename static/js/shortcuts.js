"use strict";
// Single keys for staff: "/" searches, "?" explains, and whatever a control names in data-shortcut ("n", "g o").
// They can be switched off in the help dialog (WCAG 2.1.4) and never fire while somebody types.
(() => {
  const OFF = "shortcuts-off";
  const PAUSE_MS = 1200;
  const help = document.getElementById("shortcuts");
  const box = document.getElementById("shortcuts-on");
  let typed = "";
  let timer;

  if (box) {
    box.checked = localStorage.getItem(OFF) === null;
    box.addEventListener("change", () => {
      if (box.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    });
  }

  const typing = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  const control = (keys) => {
    if (keys === "/") return document.querySelector("main input[type=search], input[type=search]");
    return document.querySelector(`[data-shortcut="${CSS.escape(keys)}"]`);
  };

  const press = (keys) => {
    if (keys === "?" && help && !help.open) {
      help.showModal();
      return true;
    }
    const found = control(keys);
    if (!found) return false;
    if (keys === "/") found.focus();
    else found.click();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.key.length > 1) return;
    if (localStorage.getItem(OFF) !== null || typing(event.target) || document.querySelector("dialog[open]")) return;
    clearTimeout(timer);
    timer = setTimeout(() => (typed = ""), PAUSE_MS);
    typed = `${typed} ${event.key}`.trim();
    if (press(typed) || press(event.key)) {
      typed = "";
      event.preventDefault();
    }
  });
})();
