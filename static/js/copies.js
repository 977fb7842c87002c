// Copy and print buttons show themselves where there is script. What cannot be copied is selected.
"use strict";

async function copy(button) {
  const value = button.parentElement.querySelector(".copied-value");
  const word = button.querySelector(".copied-word");
  const usual = word.dataset.usual || (word.dataset.usual = word.textContent);
  getSelection().selectAllChildren(value);
  // The older way first: a frame without leave for the clipboard knows it too, and the other would be reported there.
  let done = document.execCommand("copy");
  if (!done) {
    try {
      await navigator.clipboard.writeText(value.textContent);
      done = true;
    } catch {
      // it stays selected, and the button says how to copy it by hand
    }
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
