// How the list of printers looks: compact rows or comfortable ones, and which columns it has. Kept in this browser
// and, by who is signed in, in their account; said on the document for look.css, so that no row is sent anew. The
// choices are in fleet/view.html.j2.
(() => {
  const KEPT = "printers-list";
  const FORM = /^(compact|comfortable)((?: [a-z]+)*)$/; // of its rows, and the columns that are left out
  const root = document.documentElement;
  const view = { rows: "compact", hidden: ["model"] };
  let account; // what the account has kept, as far as this page was told

  const words = () => [view.rows, ...view.hidden].join(" ");

  function take(kept) {
    const [, rows, hidden] = FORM.exec(kept) || [];
    if (rows) Object.assign(view, { rows, hidden: hidden.split(" ").filter(Boolean) });
    root.dataset.listRows = view.rows;
    root.dataset.listHidden = view.hidden.join(" ");
  }

  function keepHere() {
    try {
      localStorage.setItem(KEPT, words());
    } catch {
      // This browser keeps nothing: it holds for as long as the page is open.
    }
  }

  function keptHere() {
    try {
      return localStorage.getItem(KEPT);
    } catch {
      return null;
    }
  }

  function keepInAccount() {
    account = words();
    // What is not kept there is kept here: nobody has to be told.
    fetch("/list-view", { method: "PUT", body: account, keepalive: true }).catch(() => {});
  }

  // A menu that is drawn: as the account has it, or else as this browser has.
  function check(choices) {
    const { kept } = choices.dataset;
    if (kept && kept !== account) {
      account = kept;
      take(kept);
      keepHere();
    }
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
    take(words());
    keepHere();
    if (document.querySelector("details.view[data-kept]")) keepInAccount();
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
  take(keptHere());
})();
