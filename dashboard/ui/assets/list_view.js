// How the list of printers looks: compact rows or comfortable ones, and which columns it has. Kept in this browser,
// and said on the document for look.css, so that no row is sent anew. The choices are in fleet/view.html.j2.
(() => {
  const KEPT = "printers-list";
  const root = document.documentElement;
  const view = { rows: "compact", hidden: ["model"] };

  try {
    const kept = JSON.parse(localStorage.getItem(KEPT)) || {};
    if (kept.rows === "comfortable") view.rows = kept.rows;
    if (Array.isArray(kept.hidden)) view.hidden = kept.hidden.filter((name) => /^[a-z]+$/.test(name));
  } catch {
    // Kept by nobody we know, or not to be read here: the list looks as it does at first.
  }

  function apply() {
    root.dataset.listRows = view.rows;
    root.dataset.listHidden = view.hidden.join(" ");
  }

  function keep() {
    try {
      localStorage.setItem(KEPT, JSON.stringify(view));
    } catch {
      // This browser keeps nothing: it holds for as long as the page is open.
    }
  }

  function check(choices) {
    for (const input of choices.querySelectorAll("[data-list-rows]")) {
      input.checked = input.dataset.listRows === view.rows;
    }
    for (const input of choices.querySelectorAll("[data-list-column]")) {
      input.checked = !view.hidden.includes(input.dataset.listColumn);
    }
  }

  document.addEventListener("change", (event) => {
    const { listRows, listColumn } = event.target.dataset ?? {};
    if (listRows) {
      view.rows = listRows;
    } else if (listColumn) {
      view.hidden = view.hidden.filter((name) => name !== listColumn);
      if (!event.target.checked) view.hidden.push(listColumn);
    } else {
      return;
    }
    apply();
    keep();
  });

  // Like any menu, it is closed by a click elsewhere, and by Escape.
  const open = () => document.querySelector("details.view[open]");

  document.addEventListener("click", (event) => {
    const menu = open();
    if (menu && !menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && open();
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        const menu = node.matches("details.view") ? node : node.querySelector("details.view");
        if (menu) check(menu);
      }
    }
  }).observe(root, { childList: true, subtree: true });
  apply();
})();
