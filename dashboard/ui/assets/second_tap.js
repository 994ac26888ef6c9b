// A button takes no second tap until the first is answered: on a slow network an impatient one would send, take or
// count a second time. It is answered once the run that it asked for has ended.
(() => {
  const STATE = "data-test-script-state";
  const BUTTONS = '[data-testid="stButton"] button, [data-testid="stFormSubmitButton"] button';
  const PRESSED = "aria-disabled";
  const PAUSE = 100; // ms between the end of one run and the start of the next that is asked for already
  const LATEST = 10000; // ms after which no run comes any more: the server was not reached
  let answered = 0;
  let given = 0;

  function release() {
    for (const button of document.querySelectorAll(`button[${PRESSED}]`)) button.removeAttribute(PRESSED);
  }

  function press(event) {
    const button = event.target.closest?.(BUTTONS);
    if (!button) return;
    if (button.hasAttribute(PRESSED)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    button.setAttribute(PRESSED, "true");
    clearTimeout(answered);
    clearTimeout(given);
    given = setTimeout(() => document.querySelector(`[${STATE}="running"]`) || release(), LATEST);
  }

  // Of the body: what is held back before, as a report whose photos are still coming (photos.js), is not asked yet.
  document.body.addEventListener("click", press, { capture: true });
  new MutationObserver(() => {
    clearTimeout(answered);
    if (!document.querySelector(`[${STATE}]:not([${STATE}="notRunning"])`)) answered = setTimeout(release, PAUSE);
  }).observe(document.body, { subtree: true, attributeFilter: [STATE] });
})();
