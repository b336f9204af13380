"use strict";

// Comfort: every page works without it.
(() => {
  const OFTEN = 5000; // ms
  const SELDOM = 30000;
  const OFTEN_ENOUGH = 12;

  // One click is enough, and a slow phone says that it has been heard.
  for (const form of document.querySelectorAll("form[data-busy]")) {
    const told = form.querySelector("[role=status]");
    const calm = () => {
      delete form.dataset.sent;
      told.textContent = "";
    };
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "sent";
      told.textContent = form.dataset.busy;
    });
    // Whoever comes back from the provider's page may find this one as they left it.
    addEventListener("pageshow", calm);
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  // On paper nothing can be unfolded.
  addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("details")) folded.open = true;
  });

  // A page that waits looks whether there is news, and is only then loaded anew: nobody loses
  // their place meanwhile.
  const main = document.querySelector("main[data-look-again]");
  let looks = 0;
  const stateOf = (root) => root.querySelector("main")?.dataset.state;
  const look = async () => {
    looks += 1;
    if (document.visibilityState === "visible") {
      try {
        const answer = await fetch(location.href, { credentials: "omit" });
        const there = new DOMParser().parseFromString(await answer.text(), "text/html");
        const state = answer.ok && stateOf(there);
        if (state && state !== main.dataset.state) location.replace(location.href);
      } catch {
        // Offline for a moment: the next look may reach us.
      }
    }
    later();
  };
  const later = () => setTimeout(look, looks < OFTEN_ENOUGH ? OFTEN : SELDOM);
  if (main) later();
})();
