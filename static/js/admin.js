// The portal works without this. It shows the copy buttons, and copies: by the clipboard, else by selecting the text.
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
  if (target.closest("[data-close]")) {
    // LTI Dynamic Registration 1.0: the platform closes the window or frame that it opened for us.
    (window.opener || window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
  }
});

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  const hasHolder = window.opener || window.parent !== window;
  for (const button of document.querySelectorAll("[data-close]")) button.hidden = !hasHolder;
});
