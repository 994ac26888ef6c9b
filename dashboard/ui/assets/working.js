// Shows that the server works on what was pressed, where that takes long enough to be wondered at (look.css draws it):
// what refreshes by itself shows nothing. And why an action was refused is brought into sight.
(() => {
  const STATE = "data-test-script-state";
  const UNNOTICED = 300; // ms of a run in which nobody wonders
  const LATEST = 10000; // ms after which a run is not the answer any more
  const REFUSED = '[data-testid="stAlertContentError"], [data-testid="stAlertContentWarning"]';
  const root = document.documentElement;
  let pressedAt = -Infinity;
  let showing = 0;

  const isAnswer = () => performance.now() - pressedAt < LATEST;
  const isRunning = () => document.querySelector(`[${STATE}]:not([${STATE}="notRunning"])`) !== null;

  function look() {
    clearTimeout(showing);
    if (!isRunning()) delete root.dataset.working;
    else if (isAnswer()) showing = setTimeout(() => (root.dataset.working = ""), UNNOTICED);
  }

  for (const kind of ["click", "change", "keydown"]) {
    const isPress = (event) => kind !== "keydown" || event.key === "Enter";
    addEventListener(kind, (event) => isPress(event) && (pressedAt = performance.now()), { capture: true });
  }

  new MutationObserver((changes) => {
    if (changes.some((change) => change.attributeName === STATE)) look();
    if (!isAnswer()) return;
    const added = changes.flatMap((change) => [...change.addedNodes]);
    const refused = added.map((node) => node.querySelector?.(REFUSED)).find(Boolean);
    refused?.scrollIntoView({ block: "nearest" });
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: [STATE] });
})();
