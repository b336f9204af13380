// Copying in a frame, which may not use the clipboard of the page around it by itself.

import { h } from "./dom.js";

// Whether the field's text is in the clipboard now; if not, it stands selected to be copied.
export const copy = async (field) => {
  field.focus();
  field.select();
  try {
    if (document.execCommand("copy")) return true;
  } catch {
    // Some browsers throw where others answer false.
  }
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return false;
  }
};

// The same for a text that stands nowhere.
export const copyText = async (text) => {
  const before = document.activeElement;
  const field = h("input.lent", { type: "text", readonly: true, value: text });
  document.body.append(field);
  const isCopied = await copy(field);
  field.remove();
  before?.focus();
  return isCopied;
};
