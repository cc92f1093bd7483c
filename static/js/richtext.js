"use strict";
// Runs before the editor of formatted text: makes room for it under the content security policy, speaks the reader's
// language, and names the editing area after its label.
(() => {
  // The editor would add a style element, which the policy refuses; it leaves off when it finds one of its own.
  const taken = document.createElementNS("urn:x-none", "style");
  taken.setAttribute("data-tiptap-style", "");
  document.head.append(taken);

  const words = JSON.parse(document.querySelector("textarea[data-words]")?.dataset.words ?? "{}");
  const word = (english) => words[english] ?? english;
  window.gettext ??= word;

  const nameArea = (editor) => {
    const textarea = editor.querySelector(":scope > textarea");
    const area = editor.querySelector(":scope > .ProseMirror");
    const label = document.querySelector(`label[for="${textarea?.id}"]`);
    if (!area || !label) return;
    label.id ||= `${textarea.id}-label`;
    area.setAttribute("aria-labelledby", label.id);
    area.setAttribute("aria-multiline", "true");
    label.addEventListener("click", () => area.focus());
    for (const attribute of ["aria-describedby", "aria-invalid"]) {
      if (textarea.hasAttribute(attribute)) area.setAttribute(attribute, textarea.getAttribute(attribute));
    }
  };

  const nameButtons = (editor) => {
    editor.querySelectorAll(".prose-menubar [title]:not([data-named])").forEach((button) => {
      button.dataset.named = "";
      button.title = word(button.title);
      button.setAttribute("aria-label", button.title);
    });
  };

  document.addEventListener("prose-editor:ready", (event) => {
    const editor = event.target.closest(".prose-editor");
    nameArea(editor);
    nameButtons(editor);
    // The editor draws its buttons again when it likes.
    new MutationObserver(() => nameButtons(editor)).observe(editor, { childList: true, subtree: true });
  });
})();
