// Keys of the issue board, for the card that has the focus or is under the pointer: they press its buttons, so that a
// right that is missing and a change of somebody else are told as for a click; keys.js says when keys count. And what
// was unfolded (data-fold) stays so when the board is drawn anew.
(() => {
  if (window.printersIssueDesk) return;
  window.printersIssueDesk = true;

  const CARD = '[class*="st-key-card-"], [class*="st-key-machine-"]';
  const unfolded = new Set();

  function press(name, root) {
    const button = root?.querySelector(`[class*="st-key-${name}"] button`);
    if (!button || button.disabled) return false;
    button.click();
    return true;
  }

  function pressOnCard(name) {
    const focused = document.activeElement?.closest?.(CARD);
    const card = focused || document.querySelector(CARD.split(", ").map((one) => `${one}:hover`).join(", "));
    return press(`${name}-`, card);
  }

  window.printersKeys.add({
    t: () => pressOnCard("take"),
    s: () => pressOnCard("start"),
    w: () => pressOnCard("wait"),
    e: () => pressOnCard("resolve"),
    n: () => press("new-issue", document),
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
