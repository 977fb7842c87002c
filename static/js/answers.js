// Answering: reading aloud where the browser can speak, and how much room a note has left. All works without it.
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

function count(field) {
  const words = document.querySelector(`[data-count-of="${field.id}"]`);
  if (words && field.value) words.textContent = `${field.value.length} / ${field.maxLength}`;
}

document.addEventListener("input", ({ target }) => {
  if (target.matches("textarea[maxlength]")) count(target);
});

function prepare() {
  for (const button of document.querySelectorAll(".aloud")) button.hidden = !canSpeak;
  for (const field of document.querySelectorAll("textarea[maxlength]")) count(field);
}

for (const change of ["DOMContentLoaded", "htmx:after:swap"]) document.addEventListener(change, prepare);
addEventListener("pagehide", () => canSpeak && quieten());
