// For a page that is being written again: loads it anew now and then, and keeps the reader's place.
"use strict";
(() => {
  const written = Number(document.currentScript.dataset.written);
  const LEAST = 15, MOST = 300, LOST = 6 * 3600;  // seconds
  const key = (fold, i) => fold.id || `${i}: ${fold.querySelector("summary").textContent.trim()}`;
  const folds = () => [...document.querySelectorAll("details")];
  const inputs = () => [...document.querySelectorAll("input, select")];

  // The last thing with a name that has begun above the upper edge, and how far it is from there.
  function place() {
    const above = [...document.querySelectorAll("section[id], details[id], h2[id], tr[id]")]
      .filter((one) => one.checkVisibility?.() !== false && one.getBoundingClientRect().top <= 1);
    const last = above.at(-1);
    return last ? { id: last.id, top: last.getBoundingClientRect().top } : null;
  }

  function keep() {
    const kept = {
      y: scrollY, height: document.documentElement.scrollHeight, place: scrollY > 0 ? place() : null, focus: document.activeElement?.id ?? "",
      open: Object.fromEntries(folds().map((fold, i) => [key(fold, i), fold.open])),
      values: inputs().map((one) => (one.type === "checkbox" ? one.checked : one.value)),
    };
    history.replaceState({ ...history.state, kept }, "");
  }

  function restore() {
    const kept = history.state?.kept;
    if (!kept) return;
    history.scrollRestoration = "manual";
    folds().forEach((fold, i) => {
      if (key(fold, i) in kept.open) fold.open = kept.open[key(fold, i)];
    });
    const now = inputs();
    if (now.length === kept.values.length) {
      now.forEach((one, i) => {
        const field = one.type === "checkbox" ? "checked" : "value";
        if (one[field] === kept.values[i]) return;
        one[field] = kept.values[i];
        one.dispatchEvent(new Event(one.type === "search" ? "input" : "change"));
      });
    }
    const same = document.documentElement.scrollHeight === kept.height;
    const anchor = !same && kept.place && document.getElementById(kept.place.id);
    const y = anchor ? scrollY + anchor.getBoundingClientRect().top - kept.place.top : kept.y;
    scrollTo({ top: y, behavior: "instant" });
    if (kept.focus) document.getElementById(kept.focus)?.focus({ preventScroll: true });
    history.replaceState({ ...history.state, kept: null }, "");
  }

  const busy = () => document.hidden || !getSelection().isCollapsed;

  function wait() {
    const age = (Date.now() - written) / 1000;
    if (age > LOST) return;  // whoever wrote it is gone
    setTimeout(() => {
      if (busy()) return wait();
      keep();
      location.reload();
    }, 1000 * Math.min(MOST, Math.max(LEAST, age / 4)));
  }

  restore();
  wait();
})();
