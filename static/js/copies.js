// Copy and print buttons show themselves where there is script. Copying goes by the clipboard, else by selecting the text.
"use strict";

async function copy(button) {
  const value = button.parentElement.querySelector(".copied-value");
  const word = button.querySelector(".copied-word");
  const usual = word.dataset.usual || (word.dataset.usual = word.textContent);
  getSelection().selectAllChildren(value);
  let done = false;
  try {
    await navigator.clipboard.writeText(value.textContent);
    done = true;
  } catch {
    done = document.execCommand("copy"); // frames without leave for the clipboard, and older browsers
  }
  word.textContent = done ? button.dataset.done : button.dataset.byHand;
  document.getElementById("announcements").textContent = word.textContent;
  setTimeout(() => (word.textContent = usual), 2500);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy]");
  if (button) copy(button);
  if (target.closest("[data-print]")) print();
});

for (const change of ["DOMContentLoaded", "htmx:after:swap"]) {
  document.addEventListener(change, () => {
    for (const button of document.querySelectorAll("[data-copy], [data-print]")) button.hidden = false;
  });
}
