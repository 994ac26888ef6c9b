// The palette: Ctrl-K, or the search button, finds a printer, a place, an issue or a page by a few letters and opens
// it; or leads to where something is done. What is found comes from /find, which tells each viewer what is theirs.
// Results are links: navigate.js opens them, and a middle click does what it always does. The dialog is the
// browser's own, so that the focus stays in it, Escape closes it and the focus comes back.
(() => {
  const QUIET = 80; // milliseconds without a letter, until the server is asked
  const PATIENCE = 10000; // for a page to be there whose button is to be pressed
  const BUTTONS = { refresh: ".st-key-refresh-now button" };
  const IS_MAC = /Mac|iP(hone|ad|od)/.test(navigator.platform);
  const made = (id) => document.getElementById(id).content.cloneNode(true);

  document.body.prepend(made("printers-palette-made"));
  const dialog = document.getElementById("printers-palette");
  const input = dialog.querySelector("input");
  const list = dialog.querySelector('[role="listbox"]');
  const said = dialog.querySelector(".said");
  if (IS_MAC) {
    document.documentElement.dataset.mac = ""; // for look.css
    for (const key of document.querySelectorAll("#printers-keys kbd")) if (key.textContent === "Ctrl") key.textContent = "⌘";
  }

  let chosen = -1;
  let shownFor = null; // what the results are of; null: none are there yet
  let isAwaited = false; // Enter was pressed before the results were there
  let timer = 0;
  let asking = null;

  const options = () => [...list.children];
  const typed = () => input.value.trim();

  function choose(number) {
    const all = options();
    chosen = all.length ? (number + all.length) % all.length : -1;
    all.forEach((option, place) => option.setAttribute("aria-selected", String(place === chosen)));
    if (chosen < 0) {
      input.removeAttribute("aria-activedescendant");
    } else {
      input.setAttribute("aria-activedescendant", all[chosen].id);
      all[chosen].scrollIntoView({ block: "nearest" });
    }
  }

  function optionOf(found, place) {
    const option = made("printers-found-made").firstElementChild;
    option.id = `printers-found-${place}`;
    option.href = found.path;
    if (found.button) option.dataset.button = found.button;
    const shape = option.querySelector(".shape");
    if (found.shape) {
      shape.classList.add(found.shape);
      shape.parentElement.dataset.tone = found.tone;
      option.querySelector(".health").textContent = `, ${found.health}`;
    } else {
      shape.remove();
      option.querySelector(".health").remove();
    }
    for (const name of ["title", "detail", "kind"]) option.querySelector(`.${name}`).textContent = found[name];
    return option;
  }

  function show(results, words) {
    list.replaceChildren(...results.map(optionOf));
    input.setAttribute("aria-expanded", String(results.length > 0));
    shownFor = words;
    choose(0);
    const count = results.length === 1 ? "1 result" : `${results.length} results`;
    tell(results.length ? count : "No results.", results.length > 0);
    if (isAwaited && words === typed()) open();
  }

  function tell(words, isQuiet = false) {
    said.textContent = words;
    said.classList.toggle("unseen", isQuiet);
  }

  function fail(words) {
    isAwaited = false;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    choose(-1);
    tell(words);
  }

  async function ask() {
    clearTimeout(timer);
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const words = typed();
    try {
      const answer = await fetch(`/find?${new URLSearchParams({ q: words })}`, { cache: "no-store", signal });
      const told = await answer.json();
      if (signal.aborted) return;
      if (answer.status === 401) fail("Your session has ended. Sign in again.");
      else if (!answer.ok) fail(told.error || "This could not be answered.");
      else show(told.results, words);
    } catch {
      if (!signal.aborted) fail("The server cannot be reached just now.");
    }
  }

  // Pressed once the page is there: the button has its own rights, and is not drawn for who may not press it.
  function pressLater(link) {
    const selector = BUTTONS[link.dataset.button];
    if (!selector) return;
    const run = () => document.getElementById("printers-drawn")?.dataset.run;
    const [before, href, began] = [run(), link.href, performance.now()];
    const step = () => {
      if (performance.now() - began > PATIENCE) return;
      const there = location.href === href && run() !== before && document.querySelector(selector);
      if (there && !there.disabled) there.click();
      else setTimeout(step, 50);
    };
    setTimeout(step, 50);
  }

  function open() {
    isAwaited = false;
    const link = options()[chosen];
    if (link) link.click();
  }

  function start() {
    if (dialog.open || document.querySelector('[data-testid="stDialog"], dialog[open]')) return;
    input.value = "";
    shownFor = null;
    isAwaited = false;
    list.replaceChildren();
    tell("");
    choose(-1);
    dialog.showModal();
    input.focus();
    ask();
  }

  function finish() {
    clearTimeout(timer);
    asking?.abort();
    dialog.close();
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    isAwaited = false;
    timer = setTimeout(ask, QUIET);
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") {
      isAwaited = shownFor !== typed();
      if (isAwaited) ask();
      else open();
    } else return;
    event.preventDefault();
  });

  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("a");
    if (option && options()[chosen] !== option) choose(options().indexOf(option));
  });

  dialog.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (event.target === dialog || event.target.closest("[data-close]")) finish();
    else if (event.target.closest("[data-keys]")) {
      finish();
      document.dispatchEvent(new Event("printers-keys"));
    } else if (link && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)) {
      pressLater(link);
      finish();
    }
  });

  document.addEventListener("click", (event) => event.target.closest?.("[data-palette]") && start());
  document.addEventListener("printers-palette", start);
  addEventListener(
    "keydown",
    (event) => {
      const isOurs = IS_MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
      if (event.key.toLowerCase() !== "k" || !isOurs || event.altKey || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      if (dialog.open) finish();
      else start();
    },
    { capture: true },
  );
})();
