"use strict";
// Menus are popovers and work by themselves. This adds arrow keys, and places them where anchors are not known yet.
(() => {
  const items = (menu) => [...menu.querySelectorAll("a[href], button:not([disabled])")];
  const opener = (menu) => document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);

  const place = (menu) => {
    const button = opener(menu);
    if (!button || CSS.supports("position-area", "block-end")) return;
    const box = button.getBoundingClientRect();
    const width = menu.offsetWidth;
    const left = menu.classList.contains("menu-end") ? box.right - width : box.left;
    const below = box.bottom + menu.offsetHeight < innerHeight;
    menu.style.margin = "0";
    menu.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    menu.style.top = `${below ? box.bottom + 6 : Math.max(8, box.top - menu.offsetHeight - 6)}px`;
  };

  document.addEventListener(
    "toggle",
    (event) => {
      if (event.target.matches?.(".menu") && event.newState === "open") place(event.target);
    },
    true,
  );

  const target = (list, key) => {
    const at = list.indexOf(document.activeElement);
    if (key === "ArrowDown") return list[(at + 1) % list.length];
    if (key === "ArrowUp") return list[(at <= 0 ? list.length : at) - 1];
    if (key === "Home") return list[0];
    return key === "End" ? list.at(-1) : undefined;
  };

  document.addEventListener("keydown", (event) => {
    const button = event.target.closest?.("[popovertarget]");
    const opened = button && document.getElementById(button.getAttribute("popovertarget"));
    const menu = event.target.closest?.(".menu") || (opened?.matches(".menu") ? opened : null);
    if (!menu) return;
    if (event.key === "ArrowDown" && !menu.matches(":popover-open")) button.click();
    if (!menu.matches(":popover-open")) return;
    const next = target(items(menu), event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
})();
