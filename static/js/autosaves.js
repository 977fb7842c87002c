// A form that saves itself while it is filled in. A failed save says so calmly and tries again; nothing in the form changes.
"use strict";

const PAUSE = 900;
const AGAIN = 4000;
let waiting = null;

function stateOf(form) {
  return form.querySelector("[data-autosave]");
}

function later(form, milliseconds) {
  clearTimeout(waiting);
  waiting = setTimeout(() => save(form), milliseconds);
}

async function save(form) {
  const state = stateOf(form);
  if (!state || !form.isConnected) return;
  state.dataset.ok = "";
  try {
    await htmx.ajax("POST", state.dataset.autosave, {
      source: state,
      target: state,
      swap: "innerHTML",
      values: Object.fromEntries(new FormData(form)),
    });
  } catch {
    // told below
  }
  if (state.dataset.ok || !form.isConnected) return;
  state.textContent = state.dataset.failed;
  later(form, AGAIN);
}

function listen(event) {
  const form = event.target.closest?.("form");
  if (form && stateOf(form)) later(form, PAUSE);
}

document.addEventListener("input", listen);
document.addEventListener("change", listen);
// What is sent as a whole needs no draft any more.
document.addEventListener("submit", () => clearTimeout(waiting));
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  if (ctx.target?.matches?.("[data-autosave]")) ctx.target.dataset.ok = "yes";
});
document.addEventListener("htmx:before:response", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  if (sourceElement.matches("[data-autosave]") && response.status >= 400) event.preventDefault();
});

// Forms that are taken only when they are sent: the browser asks before what was typed there is left behind.
const typedIn = () => document.querySelector('form[data-unsaved="typed"]');
for (const typing of ["input", "change"]) {
  document.addEventListener(typing, ({ target }) => {
    const form = target.closest?.("form[data-unsaved]");
    if (form) form.dataset.unsaved = "typed";
  });
}
document.addEventListener("submit", ({ target }) => {
  if (target.matches("[data-unsaved]")) target.dataset.unsaved = "";
});
addEventListener("beforeunload", (event) => typedIn() && event.preventDefault());
// A link then leads on as links do by themselves: htmx would swap the page without a question.
document.addEventListener("click", (event) => event.target.closest?.("a[href]") && typedIn() && event.stopPropagation(), true);

// The browser knows the teacher's zone; what a teacher typed or stored stays.
function suggestZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const field of document.querySelectorAll("[data-suggest-zone]")) if (zone && field.value === "UTC") field.value = zone;
}
for (const change of ["DOMContentLoaded", "htmx:after:swap"]) document.addEventListener(change, suggestZone);
