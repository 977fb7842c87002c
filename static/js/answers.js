// Answering: reading aloud where the browser can speak, how much room a note has left, a word in the bar with Send
// where no answer went out, and answers of one length. All works without it.
"use strict";

const canSpeak = "speechSynthesis" in window && "SpeechSynthesisUtterance" in window;

function quieten() {
  speechSynthesis.cancel();
  for (const button of document.querySelectorAll('.aloud[aria-pressed="true"]')) {
    button.setAttribute("aria-pressed", "false");
  }
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest(".aloud");
  if (!button || !canSpeak) return;
  const isSpeaking = button.getAttribute("aria-pressed") === "true";
  quieten();
  if (isSpeaking) return;
  const words = new SpeechSynthesisUtterance(button.dataset.aloud);
  words.lang = document.documentElement.lang;
  words.onend = words.onerror = () => button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-pressed", "true");
  speechSynthesis.speak(words);
});

// Counted as the server does: whole characters, without the spaces at the ends of lines. Nothing is cut off.
function count(field) {
  const words = document.querySelector(`[data-count-of="${field.id}"]`);
  if (!words || (!field.value && !field.ariaInvalid)) return;
  const lines = field.value.split("\n").map((line) => line.trimEnd());
  const length = [...lines.join("\n").trim()].length;
  const isTooLong = length > Number(field.dataset.longest);
  const told = isTooLong ? [words.dataset.tooLong] : [];
  words.textContent = [...told, length, "/", field.dataset.longest].join(" ");
  words.classList.toggle("is-problem", isTooLong);
  field.ariaInvalid = isTooLong ? "true" : null;
}

document.addEventListener("input", ({ target }) => {
  if (target.matches("textarea[data-longest]")) count(target);
});

const ANSWERED = ".picker:has(.picker-prompt)"; // a choice of content is a picker, too

// The browser's own bubble would lie over the faces, and says nothing of a way that is cut.
function say(form, what) {
  const words = form.querySelector(".picker-prompt");
  words.textContent = words.dataset[what];
  words.classList.toggle("is-problem", what !== "prompt");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(ANSWERED)) return;
  if (form.querySelector("[name=choice]:checked") || form.elements.word?.value.trim()) return say(form, "prompt");
  event.preventDefault();
  event.stopImmediatePropagation();
  say(form, "missing");
  form.querySelector("[name=choice]").focus();
}, true);

document.addEventListener("change", ({ target }) => {
  if (target.name === "choice" && target.form?.matches(ANSWERED)) say(target.form, "prompt");
});

document.addEventListener("htmx:error", ({ target }) => {
  if (target.matches?.(ANSWERED)) say(target, "unsent");
});

// Encryption hides what is sent and not how much: all answers of a form are filled up to one length, so that whoever
// watches what is sent cannot tell "sad" from "confident", or a note from none.
document.addEventListener("formdata", ({ target, formData }) => {
  const length = Number(target.dataset.length);
  if (!length) return;
  formData.delete("filling");
  // As a browser sends the ends of lines by itself; a script would send them shorter.
  if (formData.has("note")) formData.set("note", formData.get("note").replaceAll(/\r?\n/g, "\r\n"));
  const lacking = length - ((new URLSearchParams(formData).toString().length + "&filling=".length) % length);
  formData.set("filling", "0".repeat(lacking % length));
});

// What was unfolded of the receipt stays so when the question comes back with what was wrong.
let isUnfolded = false;
document.addEventListener("toggle", ({ target }) => {
  if (target.id === "receipt-rest") isUnfolded = target.open;
}, true);

function prepare() {
  for (const button of document.querySelectorAll(".aloud")) button.hidden = !canSpeak;
  for (const field of document.querySelectorAll("textarea[data-longest]")) count(field);
  for (const form of document.querySelectorAll("form.picker")) form.noValidate = true;
  if (document.getElementById("choice-problem")) document.getElementById("receipt-rest").open = isUnfolded;
}

for (const change of ["DOMContentLoaded", "htmx:after:swap"]) document.addEventListener(change, prepare);
addEventListener("pagehide", () => canSpeak && quieten());
