"use strict";
// The checkout: Enter in the field of the code presses Apply, a code is looked at again when the email changes, what
// leads away and back takes the code along, and a price that ends soon counts down.
// The server says how many seconds are left; the clock of this machine is only asked how many have passed.
(() => {
  const DAY = 24 * 3600;
  let timer;

  document.addEventListener("keydown", (event) => {
    const pressed = event.key === "Enter" && event.target.dataset?.enterPresses;
    if (!pressed) return;
    event.preventDefault();
    document.getElementById(pressed)?.click();
  });

  // A code may belong to one person: whose it is shows with the email.
  document.addEventListener("change", (event) => {
    const code = document.getElementById("coupon");
    if (event.target.name !== "email" || !event.target.form?.matches("#checkout") || !code?.value.trim()) return;
    const { quote } = document.getElementById("summary").dataset;
    window.htmx.ajax("POST", quote, { source: event.target, target: "#summary", swap: "outerHTML" });
  });

  // The summary says the address of the page with the code that is on it now.
  const follow = () => {
    const { wayBack, signIn } = document.getElementById("summary")?.dataset ?? {};
    if (!wayBack) return;
    document.querySelectorAll("input[name=next]").forEach((field) => (field.value = wayBack));
    document.querySelectorAll("a[data-comes-back]").forEach((link) => link.setAttribute("href", signIn));
  };

  const two = (number) => String(number).padStart(2, "0");
  const words = (left) => `${two(Math.floor(left / 3600))}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`;

  const count = () => {
    clearInterval(timer);
    const shown = document.querySelector("[data-seconds-left]");
    const total = Number(shown?.dataset.secondsLeft);
    if (!shown || total > DAY) return;
    const begun = performance.now();
    const tick = () => {
      const left = Math.ceil(total - (performance.now() - begun) / 1000);
      shown.textContent = left > 0 ? words(left) : shown.dataset.over;
      shown.hidden = false;
      if (left <= 0) clearInterval(timer);
    };
    tick();
    timer = setInterval(tick, 1000);
  };

  count();
  document.addEventListener("htmx:afterSwap", () => {
    count();
    follow();
  });
})();
