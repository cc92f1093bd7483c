"use strict";
// Toasts: dismissed by hand or, when they report nothing bad, after a while; a failed htmx request says so in one.
(() => {
  const region = document.getElementById("toasts");
  const pattern = document.getElementById("toast-template");
  if (!region) return;
  const SECONDS = 10;

  const leave = (toast) => {
    const hadFocus = toast.contains(document.activeElement);
    toast.remove();
    if (hadFocus) document.getElementById("content")?.focus({ preventScroll: true });
  };

  const arrive = (toast) => {
    if (toast.dataset.arrived) return;
    toast.dataset.arrived = "1";
    const button = toast.querySelector("[data-dismiss]");
    if (button) {
      button.hidden = false;
      button.addEventListener("click", () => leave(toast));
    }
    if (toast.matches(".toast-danger, .toast-error, .toast-warn, .toast-warning")) return;
    let timer;
    const wait = () => (timer = setTimeout(() => leave(toast), SECONDS * 1000));
    const stay = () => clearTimeout(timer);
    toast.addEventListener("mouseenter", stay);
    toast.addEventListener("mouseleave", wait);
    toast.addEventListener("focusin", stay);
    toast.addEventListener("focusout", wait);
    wait();
  };

  const arriveAll = () => region.querySelectorAll(".toast").forEach(arrive);

  const fail = (text) => {
    const toast = pattern.content.firstElementChild.cloneNode(true);
    toast.querySelector(".toast-text").textContent = text;
    region.append(toast);
  };

  new MutationObserver(arriveAll).observe(region, { childList: true });
  arriveAll();
  document.addEventListener("htmx:responseError", () => fail(region.dataset.failed));
  document.addEventListener("htmx:sendError", () => fail(region.dataset.offline));
})();
