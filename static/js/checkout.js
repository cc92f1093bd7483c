"use strict";
// The checkout: Enter in the field of the code presses Apply, a code is looked at again when the email changes, what
// leads away and back takes the code along, and a price that ends soon counts down.
// The server says how many seconds are left; the clock of this machine is only asked how many have passed.
(() => {
  const DAY = 24 * 3600;
  const LOOK_AGAIN_MS = 50;
  let timer;
  let isAsking; // a question was asked that is not sent yet
  let held; // an answer that waits to be shown
  let typed; // what an answer is not to overwrite

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
    const asked = window.htmx.ajax("POST", quote, { source: event.target, target: "#summary", swap: "outerHTML" });
    asked.catch(() => {}); // a toast says so
  });

  // The form asks for one price at a time; what is pressed meanwhile is asked next (its hx-sync). An older answer is not
  // shown then: it would exchange the button that was pressed, and the press with it.
  // An answer that comes while something is held down waits for the same reason.
  const asksForPrice = (detail) => detail.target.id === "summary";
  const isPressed = () => document.querySelector("#checkout :active");

  document.addEventListener("htmx:confirm", ({ detail }) => {
    if (!asksForPrice(detail)) return;
    isAsking = true;
    held = undefined;
    // Whoever takes a code off and goes on before the answer is there goes on without it.
    if (detail.elt.name === "remove") document.getElementById("coupon").value = "";
  });

  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    if (asksForPrice(detail)) isAsking = false;
  });

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!asksForPrice(detail) || !detail.shouldSwap) return;
    keepTyped(detail.requestConfig);
    detail.shouldSwap = !isAsking && !isPressed();
    if (isAsking || detail.shouldSwap) return;
    held = detail;
    showHeld();
  });

  const showHeld = () => {
    if (!held) return;
    if (isPressed()) {
      setTimeout(showHeld, LOOK_AGAIN_MS);
      return;
    }
    keepTyped(held.requestConfig);
    window.htmx.swap("#summary", held.serverResponse, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 20 });
    held = undefined;
  };

  // What is typed into the field after the question was sent stays in it.
  const keepTyped = ({ parameters }) => {
    const field = document.getElementById("coupon");
    const isNewer = field?.type === "text" && field.value !== parameters.coupon;
    typed = isNewer ? { value: field.value, caret: field.selectionEnd } : undefined;
  };

  const putTyped = () => {
    const field = document.getElementById("coupon");
    if (!typed || field?.type !== "text") return;
    field.value = typed.value;
    if (field === document.activeElement) field.setSelectionRange(typed.caret, typed.caret);
    typed = undefined;
  };

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
    putTyped();
  });
})();
