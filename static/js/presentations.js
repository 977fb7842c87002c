// The wall: a countdown that survives a reload (it stands in the address), and Space for the button that reveals.
"use strict";

let ticking = null;

function countDown(part) {
  clearInterval(ticking);
  const ends = Number(new URLSearchParams(location.hash.slice(1)).get("until"));
  const time = part.querySelector("[role=timer]");
  const choices = part.querySelector(".countdown-choices");
  part.hidden = false;
  time.hidden = !ends;
  choices.classList.toggle("countdown-runs", Boolean(ends));
  if (!ends) return;
  const tick = () => {
    if (!part.isConnected) return clearInterval(ticking);
    const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    time.textContent = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : part.dataset.over;
    part.classList.toggle("countdown-ends", left > 0 && left <= 10);
    part.classList.toggle("countdown-over", left === 0);
    if (left) return;
    clearInterval(ticking);
    document.getElementById("announcements").textContent = part.dataset.over;
  };
  ticking = setInterval(tick, 250);
  tick();
}

document.addEventListener("click", ({ target }) => {
  const choice = target.closest("[data-minutes]");
  if (!choice) return;
  const minutes = Number(choice.dataset.minutes);
  const address = new URL(location.href);
  address.hash = minutes ? `until=${Date.now() + minutes * 60_000}` : "";
  history.replaceState(history.state, "", address);
  countDown(choice.closest("[data-countdown]"));
  choice.blur(); // the next Space is for the results
});

// htmx writes the address anew when results are revealed; the moment the countdown ends at stays in it.
let moment = "";
document.addEventListener("htmx:before:request", () => (moment = location.hash));
document.addEventListener("htmx:after:swap", () => {
  if (!document.querySelector("[data-countdown]")) return;
  if (moment.startsWith("#until=") && !location.hash) history.replaceState(history.state, "", moment);
});

document.addEventListener("keydown", (event) => {
  const isFree = !event.target.closest("a, button, input, select, textarea, summary");
  const button = event.key === " " && isFree && document.querySelector("[data-reveal]");
  if (!button) return;
  event.preventDefault();
  button.click();
});

for (const change of ["DOMContentLoaded", "htmx:after:swap"]) {
  document.addEventListener(change, () => {
    const part = document.querySelector("[data-countdown]");
    if (part && part.hidden) countDown(part);
  });
}
