"use strict";

// The button turns the colours over; until it is pressed, the reader's system decides.
const root = document.documentElement;
document.getElementById("theme").addEventListener("click", () => {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.dataset.theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
});

// Picking a method leaves it in every figure; the others step back. Pressed again, all return.
const buttons = [...document.querySelectorAll("[data-pick]")];
function pick(name) {
  document.body.classList.toggle("picking", name !== null);
  buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.pick === name)));
  document.querySelectorAll("[data-method]").forEach((mark) => mark.classList.toggle("picked", mark.dataset.method === name));
}
buttons.forEach((button) => {
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => pick(button.getAttribute("aria-pressed") === "true" ? null : button.dataset.pick));
});
