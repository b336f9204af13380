// Copying in a frame, which may not use the clipboard of the page around it by itself.

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
