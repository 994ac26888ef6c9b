// Keeps the reader's place while a page redraws parts of itself: what is drawn anew as HTML loses the focus of
// its links and the selection in its text. Both are found again in the new HTML, by address and by text. And a page
// that is half drawn is shorter than before and after: it keeps its length meanwhile, or the browser would scroll up.
(() => {
  if (window.printersSteady) return;
  window.printersSteady = true;

  const DRAWN = '.stHtml, [data-testid="stHtml"]';
  let focused = null; // { drawn, name, number }: the link, or the control of a table, that has the focus
  let marked = null; // { drawn, start, text }: the selected text

  function drawnAround(node) {
    const element = node && (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement);
    return element && element.closest(DRAWN);
  }

  const isTypedInto = (element) => element.matches("input, textarea, [contenteditable]");
  const nameOf = (element) => element.getAttribute("data-key") || element.getAttribute("href");

  function called(drawn, name) {
    return [...drawn.querySelectorAll("a[href], [data-key]")].filter((element) => nameOf(element) === name);
  }

  // The number of characters of `drawn` that are before a point of it.
  function offsetOf(drawn, node, offset) {
    const before = document.createRange();
    before.selectNodeContents(drawn);
    before.setEnd(node, offset);
    return before.toString().length;
  }

  // The text node and the offset in it at a number of characters of `drawn`; between two nodes that is the
  // beginning of the second for what begins there, else the end of the first.
  function pointAt(drawn, offset, begins) {
    const texts = document.createTreeWalker(drawn, NodeFilter.SHOW_TEXT);
    let left = offset;
    let last = null;
    while (texts.nextNode()) {
      last = texts.currentNode;
      if (left < last.length || (left === last.length && !begins)) return [last, left];
      left -= last.length;
    }
    return last && [last, last.length];
  }

  document.addEventListener("focusin", (event) => {
    const element = event.target;
    const drawn = drawnAround(element);
    const name = drawn && nameOf(element);
    focused = name ? { drawn, name, number: called(drawn, name).indexOf(element) } : null;
    // Who types has the caret there: marking the text again would take it out of the field.
    if (isTypedInto(element)) marked = null;
  });

  let redrawnAt = -Infinity;

  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) {
      // A redrawing empties it, too: then the text is still there to be marked again. A click elsewhere is not.
      if (!marked || performance.now() - redrawnAt > 250) marked = null;
      return;
    }
    const range = selection.getRangeAt(0);
    const drawn = drawnAround(range.startContainer);
    if (!drawn || drawn !== drawnAround(range.endContainer)) {
      marked = null;
      return;
    }
    const start = offsetOf(drawn, range.startContainer, range.startOffset);
    marked = { drawn, start, text: range.toString() };
  });

  function refocus() {
    const nobody = document.activeElement === null || document.activeElement === document.body;
    if (!focused || !nobody || !focused.drawn.isConnected) return;
    const found = called(focused.drawn, focused.name);
    const element = found[focused.number] || found[0];
    if (element) element.focus({ preventScroll: true });
  }

  function remark() {
    const selection = document.getSelection();
    if (!marked || !marked.drawn.isConnected || selection.toString() === marked.text) return;
    const whole = marked.drawn.textContent;
    const places = [];
    for (let at = whole.indexOf(marked.text); at >= 0; at = whole.indexOf(marked.text, at + 1)) places.push(at);
    if (!places.length) return;
    const near = places.reduce((a, b) => (Math.abs(b - marked.start) < Math.abs(a - marked.start) ? b : a));
    const from = pointAt(marked.drawn, near, true);
    const to = pointAt(marked.drawn, near + marked.text.length, false);
    if (from && to) selection.setBaseAndExtent(from[0], from[1], to[0], to[1]);
  }

  const RUNNING = "data-test-script-state";
  const LATEST = 3000; // ms after the end of a run, by when its last parts are drawn on a slow machine, too
  let held = null; // the page that keeps its length
  let drawnBefore = ""; // the number of the run that was drawn whole before that
  let drawnPath = ""; // of what was drawn last: another page has a length of its own
  let endedAt = 0;

  const main = () => document.querySelector('[data-testid="stMain"]');
  const drawnRun = () => document.getElementById("printers-drawn")?.dataset.run;
  const isRunning = () => document.querySelector(`[${RUNNING}="running"]`) !== null;

  function release() {
    if (held) held.style.minHeight = "";
    held = null;
  }

  function hold() {
    if (location.pathname !== drawnPath) release();
    else if (!held && main()?.scrollTop) {
      held = main().querySelector('[data-testid="stMainBlockContainer"]');
      drawnBefore = drawnRun();
      if (held) held.style.minHeight = `${held.offsetHeight}px`;
    }
  }

  // Lets go of the page once its parts reach to the end of the window again, or it is drawn whole and is shorter now:
  // who has scrolled down a form that thanks by now would look at what is below its end.
  function letGo() {
    if (!held || isRunning()) return;
    const end = Math.max(...[...held.children].map((part) => part.getBoundingClientRect().bottom));
    const reaches = end >= main().getBoundingClientRect().bottom;
    const isLate = performance.now() - endedAt > LATEST;
    if (reaches || drawnRun() !== drawnBefore || isLate) release();
    else requestAnimationFrame(letGo);
  }

  new MutationObserver(() => {
    if (isRunning()) return hold();
    drawnPath = location.pathname;
    endedAt = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(letGo));
  }).observe(document.body, { subtree: true, attributeFilter: [RUNNING] });

  new MutationObserver((changes) => {
    if (!focused && !marked) return;
    const redrawn = changes.some((change) => change.removedNodes.length && drawnAround(change.target));
    if (!redrawn) return;
    redrawnAt = performance.now();
    refocus();
    remark();
  }).observe(document.body, { childList: true, subtree: true });
})();
