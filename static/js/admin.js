// The portal works without this.
"use strict";

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-close]")) {
    // LTI Dynamic Registration 1.0: the platform closes the window or frame that it opened for us.
    (window.opener || window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
  }
});

document.addEventListener("DOMContentLoaded", () => {
  const hasHolder = window.opener || window.parent !== window;
  for (const button of document.querySelectorAll("[data-close]")) button.hidden = !hasHolder;
});
