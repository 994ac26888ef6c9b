// Opens our own pages without loading the application anew. A link stays a link: with a modifier key, the middle
// button, a target or a download the browser does what it always does. Here the address changes, and Streamlit
// hears of it as of the browser's Back. The last element of each run (ui/templates/drawn.html.j2) carries a new
// number: by it we know that the other page is there, and it names the pages that this viewer may open.
(() => {
  const MAIN = '[data-testid="stMain"]';
  const KEPT = "printers-places";
  const MOST_KEPT = 40;
  const PHONE = 768; // the menu lies over the page of a window that is no wider
  const MENU_BUTTON = '[data-testid="stSidebar"][data-collapsed="false"] button[aria-controls="stSidebar"]';
  const PATIENCE = 2500; // without a new page by then, the browser loads it
  const LONGEST = 15000; // for another page to be drawn
  const GROWING = 3000; // for it to become as long as it was, and to have the link that was left
  const SETTLING = 250; // what is drawn late must not move the reader away again

  history.scrollRestoration = "manual";
  const places = new Map(JSON.parse(sessionStorage.getItem(KEPT) || "[]")); // address -> { top, link }
  let arriving = 0; // the number of the arrival under way, or 0
  let arrivals = 0;
  let telling = false;

  const main = () => document.querySelector(MAIN);
  const marker = () => document.getElementById("printers-drawn");
  const run = () => marker()?.dataset.run;
  const isOurs = (url) =>
    url.origin === location.origin && (marker()?.dataset.pages || "").split(" ").includes(url.pathname.slice(1));

  // However the parts of the query are written and ordered.
  function addressOf(url) {
    const query = new URLSearchParams(url.search);
    query.sort();
    return `${url.pathname}?${query}`;
  }

  function keep(change) {
    const address = addressOf(location);
    const place = { ...places.get(address), ...change };
    places.delete(address);
    places.set(address, place);
    if (places.size > MOST_KEPT) places.delete(places.keys().next().value);
  }

  const linkTo = (href) => [...main().querySelectorAll("a[href]")].find((one) => one.getAttribute("href") === href);

  function focusOn(target) {
    if (target.tagName === "H1") target.tabIndex = -1;
    target.focus({ preventScroll: true });
    return true;
  }

  // Once another run than `before` is drawn: to the place, and the focus to the link that was left or the heading.
  function arrive(before, place) {
    const number = (arriving = ++arrivals);
    const top = place?.top ?? 0;
    const began = performance.now();
    let drawn = 0;
    let focused = false;
    let reached = 0;
    const step = () => {
      if (arriving !== number) return;
      const now = performance.now();
      if (now - began > LONGEST || (drawn && now - drawn > GROWING) || (reached && now - reached > SETTLING)) {
        const heading = !focused && main()?.querySelector("h1");
        if (heading) focusOn(heading); // the link that was left is not there any more
        arriving = 0;
        return;
      }
      if (main() && run() !== before) {
        drawn ||= now;
        const target = place?.link ? linkTo(place.link) : main().querySelector("h1");
        if (!focused && target) focused = focusOn(target);
        if (main().scrollHeight - main().clientHeight >= top - 1) {
          if (Math.abs(main().scrollTop - top) > 1) main().scrollTop = top;
          reached ||= now;
        }
      }
      setTimeout(step, 16);
    };
    step();
  }

  // A server that is at work is waited for; one that does not hear is asked by the browser.
  function orLoad(before, href) {
    setTimeout(() => {
      if (run() !== before || location.href !== href) return;
      const isRunning = document.querySelector('[data-testid="stApp"][data-test-script-state="running"]');
      if (isRunning) orLoad(before, href);
      else location.reload();
    }, PATIENCE);
  }

  function tell() {
    telling = true;
    dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
    telling = false;
  }

  function closeMenu() {
    if (innerWidth <= PHONE) document.querySelector(MENU_BUTTON)?.click();
  }

  function open(target, link) {
    const before = run();
    closeMenu();
    keep({ top: Math.round(main().scrollTop), link: link.getAttribute("href") });
    const place = link.dataset.back === undefined ? undefined : places.get(addressOf(target));
    if (target.href === location.href) history.replaceState({}, "", target.href);
    else history.pushState({}, "", target.href);
    arrive(before, place);
    orLoad(before, target.href);
    tell();
  }

  // The link that a click means: one that was hit, or that of the row or card around what was hit.
  function meant(event) {
    const hit = event.target.closest?.("a, button, input, label, select, summary, textarea, [data-opens]");
    if (!hit || hit.tagName === "A" || hit.dataset.opens === undefined) return hit?.closest("a[href]");
    return document.getSelection().isCollapsed ? hit.querySelector("a[href]") : null;
  }

  addEventListener("click", (event) => {
    const link = meant(event);
    if (!link || event.button) return;
    const isInRow = !link.contains(event.target);
    const target = new URL(link.href);
    if (event.defaultPrevented) {
      if (!isOurs(target)) return;
      closeMenu();
      arrive(run()); // a link of the menu, which Streamlit follows
    } else if (event.metaKey || event.ctrlKey || event.shiftKey) {
      if (isInRow) window.open(link.href, "_blank", "noopener");
    } else if (event.altKey || (link.target && link.target !== "_self") || link.hasAttribute("download")) {
      return;
    } else if (document.documentElement.dataset.away !== undefined && target.origin === location.origin) {
      event.preventDefault(); // the server is away: what is shown would be lost
    } else if (isOurs(target) && main()) {
      event.preventDefault();
      open(target, link);
    } else if (isInRow) {
      link.click();
    }
  });

  addEventListener("auxclick", (event) => {
    const link = event.button === 1 && !event.defaultPrevented && meant(event);
    if (link && !link.contains(event.target)) window.open(link.href, "_blank", "noopener");
  });

  addEventListener("popstate", (event) => {
    if (event.state === "table") return; // sorted or marked (table.js): the reader stays
    if (!telling && !location.hash) arrive(run(), places.get(addressOf(location)));
  });

  for (const kind of ["wheel", "touchstart", "keydown", "pointerdown"]) {
    addEventListener(kind, () => (arriving = 0), { capture: true, passive: true });
  }

  document.addEventListener(
    "scroll",
    (event) => {
      if (!arriving && event.target === main()) keep({ top: Math.round(main().scrollTop) });
    },
    { capture: true, passive: true },
  );

  addEventListener("pagehide", () => sessionStorage.setItem(KEPT, JSON.stringify([...places])));

  // Loaded again, or come back to from another site: where it was left.
  if (performance.getEntriesByType("navigation")[0]?.type !== "navigate") {
    arrive(undefined, places.get(addressOf(location)));
  }
})();
