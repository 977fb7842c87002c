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
      swap: "innerMorph", // what it says again is not read out again
      values: Object.fromEntries(new FormData(form)),
    });
  } catch {
    // told below
  }
  if (state.dataset.ok || !form.isConnected) return;
  if (!("unsaved" in form.dataset)) state.textContent = state.dataset.failed;
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

// Forms that are taken only when they are sent: who leaves one is asked before what was typed there is left behind.
const typedIn = () => document.querySelector('form[data-unsaved="typed"]');
for (const typing of ["input", "change"]) {
  document.addEventListener(typing, ({ target }) => {
    const form = target.closest?.("form[data-unsaved]");
    if (form) form.dataset.unsaved = "typed";
  });
}
// A draft may have become more than that meanwhile: what its form says of it shows so.
document.addEventListener("htmx:after:swap", () => {
  const form = document.querySelector("form:not([data-unsaved]):has([data-autosave] [data-when-sent])");
  if (form) form.dataset.unsaved = "typed";
});
// What htmx sends may not arrive: that form stays as it is until another page takes its place.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-unsaved]") && !event.defaultPrevented) event.target.dataset.unsaved = "";
});
addEventListener("beforeunload", (event) => typedIn() && event.preventDefault());
// A link then leads on as links do by themselves, and the browser asks. Only where it would bring no session along, not
// now and not when the next page looks for one, it is left to htmx.
document.addEventListener("click", (event) => {
  if (event.target.closest?.("a[href]") && typedIn() && !window.reflect.isOnlyHere()) event.stopPropagation();
}, true);
// What htmx puts in the place of the form the browser does not ask about.
document.addEventListener("htmx:before:request", (event) => {
  const { target, sourceElement } = event.detail.ctx;
  const form = typedIn();
  if (form && form !== sourceElement && target?.contains(form) && !isLeft(form)) event.preventDefault();
});

// A frame whose platform allows no questions says no at once and asks nobody; nobody may be held there.
const SOONEST = 2; // milliseconds
function isLeft(form) {
  const asked = performance.now();
  return confirm(form.dataset.leaving) || performance.now() - asked < SOONEST;
}

// The browser knows the teacher's zone; what a teacher typed or stored stays.
function suggestZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const field of document.querySelectorAll("[data-suggest-zone]")) if (zone && field.value === "UTC") field.value = zone;
}
for (const change of ["DOMContentLoaded", "htmx:after:swap"]) document.addEventListener(change, suggestZone);
