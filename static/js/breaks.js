// A break that is running: says one step after the other, lets the picture move, and hums along where that is wished.
// Without this script the picture is still and the steps are a list to read.
"use strict";
(() => {
  const TONES = [392, 440, 523.25, 587.33, 659.25, 440]; // hertz, of one scale, so that any two go together
  const TICK = 200; // milliseconds
  let run = null;
  let air = null;

  function begin(root) {
    const steps = [...root.querySelectorAll(".break-steps li")];
    run = { root, steps, round: 0, step: -1, left: 0, last: performance.now(), timer: setInterval(tick, TICK) };
    root.removeAttribute("data-state");
    void root.getBoundingClientRect(); // lets the picture begin anew, too
    go(root, "running");
    next();
  }

  function go(root, state) {
    root.dataset.state = state;
    const button = root.querySelector(".break-start");
    button.textContent = button.dataset[{ running: "pause", paused: "on", done: "again" }[state]];
  }

  function tick() {
    const now = performance.now();
    const passed = (now - run.last) / 1000;
    run.last = now;
    if (!run.root.isConnected) return end();
    if (run.root.dataset.state !== "running") return;
    run.left -= passed;
    if (run.left <= 0) next();
  }

  function next() {
    const { root, steps } = run;
    run.step += 1;
    if (run.step === steps.length) {
      run.step = 0;
      run.round += 1;
    }
    for (const step of steps) step.removeAttribute("aria-current");
    if (run.round === Number(root.dataset.rounds)) {
      say(root, root.dataset.done);
      go(root, "done");
      return end();
    }
    const step = steps[run.step];
    step.setAttribute("aria-current", "step");
    run.left += Number(step.dataset.seconds);
    say(root, step.querySelector(".break-step").textContent);
    hum(root, TONES[run.step % TONES.length]);
  }

  function say(root, words) {
    root.querySelector(".break-now").textContent = words;
  }

  function end() {
    clearInterval(run.timer);
    run = null;
  }

  // One soft tone that comes and goes by itself.
  function hum(root, pitch) {
    if (root.querySelector(".break-sound").getAttribute("aria-pressed") !== "true") return;
    air = air || new AudioContext();
    const [tone, loudness, now] = [air.createOscillator(), air.createGain(), air.currentTime];
    tone.frequency.value = pitch / 2;
    loudness.gain.setValueAtTime(0, now);
    loudness.gain.linearRampToValueAtTime(0.12, now + 0.6);
    loudness.gain.linearRampToValueAtTime(0, now + 3);
    tone.connect(loudness).connect(air.destination);
    tone.start(now);
    tone.stop(now + 3.1);
  }

  document.addEventListener("click", ({ target }) => {
    const root = target.closest(".break");
    if (!root) return;
    if (target.closest(".break-start")) {
      if (!run || run.root !== root) {
        if (run) end();
        begin(root);
      } else {
        go(root, root.dataset.state === "running" ? "paused" : "running");
      }
    }
    const sound = target.closest(".break-sound");
    if (sound) sound.setAttribute("aria-pressed", String(sound.getAttribute("aria-pressed") !== "true"));
  });

  function show() {
    for (const controls of document.querySelectorAll(".break-controls[hidden]")) controls.hidden = false;
  }
  for (const change of ["DOMContentLoaded", "htmx:after:swap"]) document.addEventListener(change, show);
})();
