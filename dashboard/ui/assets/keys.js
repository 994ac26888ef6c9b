// A few single keys: / searches, j and k move through the list, r refreshes, ? says so. Never while somebody types,
// nor with a modifier, nor over a dialog. Who speaks to their computer switches them off in the dialog of "?"
// (WCAG 2.1.4); this browser remembers it. Enter opens a line because its link has the focus. When a key counts is
// decided here alone: scripts of a page add theirs with printersKeys.add (issue_desk.js).
(() => {
  const KEPT = "printers-single-keys";
  const MAIN = '[data-testid="stMain"]';
  const TYPING = 'input, textarea, select, [contenteditable]:not([contenteditable="false"]), [role="textbox"], ' +
    '[role="combobox"], [role="listbox"], [role="menu"], [role="slider"], [role="tree"], [role="grid"]';
  const DIALOG = 'dialog[open], [role="dialog"], [role="menu"], [data-testid="stPopoverBody"]';
  const dialog = document.getElementById("printers-keys");
  const single = dialog.querySelector("[data-single]");
  let areOn = true;
  try {
    areOn = localStorage.getItem(KEPT) !== "off";
  } catch {
    // This browser keeps nothing: they are on until the page is left.
  }

  const isSeen = (element) => element.checkVisibility() && element.getClientRects().length > 0;

  function search() {
    const field = [...document.querySelectorAll(`${MAIN} input[type="search"], ${MAIN} [data-testid="stTextInput"] input`)]
      .find(isSeen);
    if (!field) document.dispatchEvent(new Event("printers-palette"));
    else {
      field.focus();
      field.select();
    }
  }

  // The links that lines of lists and cards open.
  const lines = () =>
    [...document.querySelectorAll(`${MAIN} [data-opens]`)].filter(isSeen).map((line) => line.querySelector("a[href]"));

  function move(step) {
    const all = lines();
    if (!all.length) return;
    const at = all.findIndex((link) => link.closest("[data-opens]").contains(document.activeElement));
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    all[next].focus();
    all[next].closest("[data-opens]").scrollIntoView({ block: "nearest" });
  }

  function refresh() {
    const button = document.querySelector(`${MAIN} .st-key-refresh-now button`);
    if (button) button.click();
    // The state says to navigate.js that the reader stays where they are.
    else dispatchEvent(new PopStateEvent("popstate", { state: "table" }));
  }

  function say() {
    if (document.querySelector(DIALOG)) return;
    single.checked = areOn;
    dialog.showModal();
    dialog.querySelector("h2").focus();
  }

  // Tab leaves an open menu from the button that opened it; the browser would begin at the top of the page.
  addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Tab" || !document.activeElement?.closest('[role="menu"]')) return;
      const button = document.querySelector(`${MAIN} [aria-haspopup][aria-expanded="true"]`);
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
      button?.focus();
    },
    { capture: true },
  );

  const KEYS = { "/": search, j: () => move(1), k: () => move(-1), r: refresh, "?": say };

  // Each key with what it does; that returns false where there is nothing to do, and the key stays the browser's.
  window.printersKeys = { add: (keys) => Object.assign(KEYS, keys) };

  // Before Streamlit, which runs the page anew at an "r" and cannot be told not to.
  addEventListener(
    "keydown",
    (event) => {
      const does = Object.hasOwn(KEYS, event.key) && KEYS[event.key];
      if (!does || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (event.composedPath()[0].closest?.(TYPING) || document.querySelector(DIALOG)) return;
      if (event.key === "r") event.stopPropagation();
      if (!areOn) return;
      const counts = !event.repeat || event.key === "j" || event.key === "k";
      if (!counts || does() !== false) event.preventDefault();
    },
    { capture: true },
  );

  single.addEventListener("change", () => {
    areOn = single.checked;
    try {
      localStorage.setItem(KEPT, areOn ? "on" : "off");
    } catch {
      // See above.
    }
  });

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  document.addEventListener("printers-keys", say);
})();
