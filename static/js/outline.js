"use strict";
// The outline of a course is put in order by dragging; the arrows beside each line do the same without this script.
(() => {
  let dragged = null;
  let home = null;

  const item = (target) => target.closest?.("[data-lesson], [data-module]");
  const outline = () => document.getElementById("outline");
  const siblings = (list, selector) => [...list.querySelectorAll(`:scope > ${selector}`)];

  // A line is draggable only while its grip is held, so that text stays selectable and links stay links.
  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest?.("[data-grip]");
    if (grip) item(grip).draggable = true;
  });
  document.addEventListener("pointerup", () => {
    if (!dragged) outline()?.querySelectorAll("[draggable]").forEach((line) => line.removeAttribute("draggable"));
  });

  document.addEventListener("dragstart", (event) => {
    const line = item(event.target);
    if (!line?.draggable) return;
    dragged = line;
    home = { list: line.parentElement, next: line.nextElementSibling };
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", line.dataset.lesson ?? line.dataset.module);
    line.classList.add("dragged");
  });

  const before = (lines, y) => lines.find((line) => {
    const box = line.getBoundingClientRect();
    return line !== dragged && y < box.top + box.height / 2;
  });

  document.addEventListener("dragover", (event) => {
    if (!dragged) return;
    const kind = dragged.dataset.lesson ? "[data-lesson]" : "[data-module]";
    const list = dragged.dataset.lesson
      ? event.target.closest?.("[data-module]")?.querySelector("[data-lessons]")
      : event.target.closest?.("#outline");
    if (!list) return;
    event.preventDefault();
    const lines = siblings(list, kind);
    const next = before(lines, event.clientY);
    const last = lines.filter((line) => line !== dragged).at(-1);
    if (next) next.before(dragged);
    else if (last) last.after(dragged);
    else list.prepend(dragged);
  });

  document.addEventListener("drop", (event) => {
    if (dragged) event.preventDefault();
  });

  document.addEventListener("dragend", (event) => {
    if (!dragged) return;
    const line = dragged;
    dragged = null;
    line.classList.remove("dragged");
    line.removeAttribute("draggable");
    if (event.dataTransfer.dropEffect === "none") {
      home.list.insertBefore(line, home.next);
      return;
    }
    const kind = line.dataset.lesson ? "[data-lesson]" : "[data-module]";
    const values = { index: siblings(line.parentElement, kind).indexOf(line) };
    if (line.dataset.lesson) values.module = line.parentElement.dataset.lessons;
    htmx.ajax("POST", line.dataset.placeUrl, { source: line, target: "#outline", swap: "outerHTML", values });
  });
})();
