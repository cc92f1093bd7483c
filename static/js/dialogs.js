"use strict";
// Dialogs open by command/commandfor and close on a click outside; this is for browsers that do not know these yet.
(() => {
  if (!("commandForElement" in HTMLButtonElement.prototype)) {
    document.addEventListener("click", (event) => {
      const button = event.target.closest?.("button[commandfor]");
      const dialog = button && document.getElementById(button.getAttribute("commandfor"));
      if (!dialog) return;
      if (button.getAttribute("command") === "show-modal" && !dialog.open) dialog.showModal();
      if (button.getAttribute("command") === "close") dialog.close();
    });
  }
  if (!("closedBy" in HTMLDialogElement.prototype)) {
    document.addEventListener("click", (event) => {
      if (event.target.matches?.("dialog[closedby=any]")) event.target.close();
    });
  }
})();
