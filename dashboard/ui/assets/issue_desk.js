// Keys of the issue board, for the card that has the focus or is under the pointer: they press its buttons, so that a
// right that is missing and a change of somebody else are told as for a click; off with the keys of keys.js. And what
// was unfolded (data-fold) stays so when the board is drawn anew.
(() => {
  if (window.printersIssueDesk) return;
  window.printersIssueDesk = true;

  const KEYS = { t: "take", s: "start", w: "wait", e: "resolve" };
  const CARD = '[class*="st-key-card-"], [class*="st-key-machine-"]';
  const unfolded = new Set();

  const typing = (element) => element?.closest?.('input, textarea, select, [contenteditable="true"], [role="dialog"]');

  function areOff() {
    try {
      return localStorage.getItem("printers-single-keys") === "off";
    } catch {
      return false; // This browser keeps nothing: they are on.
    }
  }

  function press(name, root) {
    const button = root?.querySelector(`[class*="st-key-${name}"] button`);
    if (!button || button.disabled) return false;
    button.click();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (areOff() || typing(event.target) || document.querySelector('[role="dialog"], [role="menu"]')) return;
    const focused = document.activeElement?.closest?.(CARD);
    const card = focused || document.querySelector(CARD.split(", ").map((one) => `${one}:hover`).join(", "));
    const done = event.key === "n" ? press("new-issue", document) : KEYS[event.key] && press(`${KEYS[event.key]}-`, card);
    if (done) event.preventDefault();
  });

  document.addEventListener(
    "toggle",
    (event) => {
      const name = event.target.dataset?.fold;
      if (!name) return;
      if (event.target.open) unfolded.add(name);
      else if (event.target.isConnected) unfolded.delete(name);
    },
    true,
  );

  new MutationObserver(() => {
    if (!unfolded.size) return;
    for (const details of document.querySelectorAll("details[data-fold]:not([open])")) {
      if (unfolded.has(details.dataset.fold)) details.open = true;
    }
  }).observe(document, { childList: true, subtree: true });
})();
