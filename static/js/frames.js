// A platform's frame that takes it (Canvas, Sakai, a plugin of Moodle's, the demo campus) becomes as high as the page.
"use strict";

const LEAST = 320; // pixels
const SHARE = 0.75; // of the window, where the page keeps a button at hand or fills what it gets
let told = 0;
let width = 0;

// How high the page is by itself, however high the frame: for the look only, nothing is drawn in between.
function height() {
  const page = document.documentElement;
  page.classList.add("is-measured");
  const content = Math.ceil(document.body.getBoundingClientRect().height);
  page.classList.remove("is-measured");
  const window_ = Math.max(LEAST, Math.round((outerHeight || screen.availHeight) * SHARE));
  if (document.querySelector(".wall")) return window_;
  return document.querySelector(".picker-send, .form-send") ? Math.min(content, window_) : content;
}

function tell() {
  if (document.querySelector(".waiting")?.checkVisibility()) return; // on the way to the page that is meant
  const wanted = Math.max(LEAST, height());
  if (Math.abs(wanted - told) < 2) return;
  told = wanted;
  // Who frames us is allowed to by our policy; a browser that does not name them is told "*", since a height is no secret.
  const origin = location.ancestorOrigins?.[0] ?? "*";
  parent.postMessage({ subject: "lti.frameResize", height: wanted }, origin.startsWith("http") ? origin : "*");
}

// What follows from the frame's own new height is not told back: a frame that grows must not make the page ask for more.
function follow() {
  if (innerWidth === width) told = Math.max(LEAST, height());
  else tell();
  width = innerWidth;
}

if (parent !== window) {
  document.addEventListener("DOMContentLoaded", () => {
    width = innerWidth;
    new ResizeObserver(tell).observe(document.body);
  });
  addEventListener("resize", follow);
  document.addEventListener("htmx:after:swap", tell);
}
