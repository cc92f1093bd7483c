"use strict";
// Lists: an address without empty filters, lines ticked all at once, and how many are.
(() => {
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("form.list-bar")) return;
    const empty = [...event.formData].filter(([, value]) => value === "").map(([name]) => name);
    empty.forEach((name) => event.formData.delete(name));
  });

  const boxes = (form) => [...form.querySelectorAll('tbody input[type="checkbox"]')];

  const tell = (form) => {
    const all = boxes(form);
    const ticked = all.filter((box) => box.checked).length;
    const count = form.querySelector("[data-tick-count]");
    if (count) count.textContent = String(ticked);
    const head = form.querySelector("[data-tick-all]");
    if (!head) return;
    head.checked = all.length > 0 && ticked === all.length;
    head.indeterminate = ticked > 0 && ticked < all.length;
  };

  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form.picks");
    if (!form) return;
    if (event.target.matches("[data-tick-all]")) {
      boxes(form).forEach((box) => (box.checked = event.target.checked));
    }
    tell(form);
  });
})();
