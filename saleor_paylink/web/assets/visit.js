"use strict";

// Reports that a person has the page before their eyes. What only fetches the page, renders it
// for a preview or is driven by a program does not get this far; the page works without it.
(() => {
  if (navigator.webdriver) return;

  const LOOKED_FOR = 1000; // ms
  const TOUCHES = ["pointerdown", "keydown"];
  let timer = 0;
  let isTold = false;

  const tell = () => {
    if (isTold) return;
    isTold = true;
    // Sent also while the page is being left, and nothing follows from what comes of it.
    fetch("seen", { method: "POST", keepalive: true, credentials: "omit" }).catch(() => {});
  };

  const look = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") timer = setTimeout(tell, LOOKED_FOR);
  };

  const touch = (event) => {
    if (event.isTrusted) tell();
  };

  document.addEventListener("visibilitychange", look);
  for (const name of TOUCHES) document.addEventListener(name, touch, { once: true });
  look();
})();
