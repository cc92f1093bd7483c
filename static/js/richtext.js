"use strict";
// Runs before the editor of formatted text: makes room for it under the content security policy, speaks the reader's
// language, and names the editing area after its label.
(() => {
  // The editor would add a style element, which the policy refuses; it leaves off when it finds one of its own.
  const taken = document.createElementNS("urn:x-none", "style");
  taken.setAttribute("data-tiptap-style", "");
  document.head.append(taken);

  const words = JSON.parse(document.querySelector("textarea[data-words]")?.dataset.words ?? "{}");
  const word = (english) => words[english] ?? words[english.toLowerCase()] ?? english;
  window.gettext ??= word;

  const name = (editor) => {
    const textarea = editor.querySelector("textarea");
    const area = editor.querySelector(".ProseMirror[contenteditable=true]");
    const label = document.querySelector(`label[for="${textarea?.id}"]`);
    if (area && label) {
      label.id ||= `${textarea.id}-label`;
      area.setAttribute("aria-labelledby", label.id);
      area.setAttribute("aria-multiline", "true");
      label.addEventListener("click", () => area.focus());
    }
    for (const attribute of ["aria-describedby", "aria-invalid"]) {
      if (area && textarea.hasAttribute(attribute)) area.setAttribute(attribute, textarea.getAttribute(attribute));
    }
    editor.querySelectorAll(".prose-menubar [title]").forEach((button) => {
      button.title = word(button.title);
      button.setAttribute("aria-label", button.title);
    });
  };

  document.addEventListener("prose-editor:ready", (event) => name(event.target.closest(".prose-editor")));
})();
