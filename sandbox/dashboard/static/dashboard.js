// Hosts an App's frames over Saleor's App Bridge, as the Dashboard of 3.23 does: the same
// messages, origin checks and sandbox, and the same traps.

import { Frame, frames } from "./frames.js";

const page = JSON.parse(document.getElementById("page").textContent);
const popup = document.getElementById("popup");
const toasts = document.getElementById("toasts");

const extensionOf = (id) => page.extensions.find((each) => each.id === id);

const state = {
  theme: localStorage.getItem("theme") ?? "light",
  locale: localStorage.getItem("locale") ?? "en",
};

// What the frames may have the dashboard do; each answers whether it was done.
const dashboard = {
  state,
  graphqlUrl: page.graphqlUrl,

  notify({ status, title, text }) {
    const toast = document.createElement("p");
    toast.className = status;
    toast.textContent = [title, text].filter(Boolean).join(" ");
    // Toasts of the same title are shown once.
    for (const other of [...toasts.children]) if (other.textContent === toast.textContent) other.remove();
    toasts.append(toast);
    setTimeout(() => toast.remove(), 5000);
    return true;
  },

  redirect({ to, newContext }) {
    if (newContext) window.open(to);
    else if (to.startsWith("/")) location.assign(to);
    else return false;
    return true;
  },

  refresh() {
    const entity = document.getElementById("entity");
    if (!entity) return true;
    fetch(`/orders/${encodeURIComponent(entity.dataset.id)}/main`)
      .then((response) => response.text())
      .then((html) => (entity.innerHTML = html));
    return true;
  },

  openPopup(extension, parameters) {
    popup.querySelector("h2").textContent = extension.label;
    new Frame(dashboard, extension, "POPUP", document.getElementById("popup-frame"), parameters);
    popup.showModal();
    return true;
  },

  closePopup() {
    if (popup?.open) popup.close();
    return true;
  },

  popupOf: (app, identifier) =>
    page.extensions.find(
      (each) =>
        each.app.id === app && each.identifier === identifier && each.targetName === "POPUP",
    ),
};

popup?.addEventListener("close", () => {
  for (const frame of frames) if (frame.target === "POPUP") frame.remove();
});
document.getElementById("popup-close")?.addEventListener("click", () => popup.close());

const dress = () => {
  document.documentElement.dataset.theme = state.theme;
  for (const name of ["theme", "locale"]) document.getElementById(name).value = state[name];
};
for (const name of ["theme", "locale"]) {
  document.getElementById(name).addEventListener("change", ({ target }) => {
    state[name] = target.value;
    localStorage.setItem(name, target.value);
    dress();
    for (const frame of frames) frame.tellState();
  });
}
document.getElementById("person").addEventListener("change", ({ target }) => {
  target.form.action = `/as/${target.value}`;
  target.form.submit();
});

document.addEventListener("click", async ({ target }) => {
  if (target.dataset.popup) {
    const parameters = { orderId: target.dataset.order };
    dashboard.openPopup(extensionOf(target.dataset.popup), parameters);
  }
  if (target.id === "confirm") {
    const url = `/orders/${encodeURIComponent(target.dataset.id)}/confirm`;
    const response = await fetch(url, { method: "POST" });
    if (response.ok) dashboard.refresh();
    else dashboard.notify({ status: "error", title: (await response.json()).message });
  }
});

dress();
for (const place of document.querySelectorAll("[data-frame]")) {
  const extension = extensionOf(place.dataset.frame);
  const parameters = place.dataset.order ? { orderId: place.dataset.order } : {};
  new Frame(dashboard, extension, extension.targetName, place, parameters);
}
