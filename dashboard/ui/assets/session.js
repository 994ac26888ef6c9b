// Asks now and then who this browser is: where the session has ended the page goes to the login, and where the
// person or their role is another one than at first it loads itself anew. The answer says how much waits, too: that
// stands in the menu (look.css). While the server is away a quiet line says so; it goes by itself, and nothing that
// is shown or typed is lost.
(() => {
  const USUALLY = 10000;
  const AWAY = 3000;
  const LOST = '[data-testid="stConnectionStatus"]'; // Streamlit's own sign, which look.css hides
  const root = document.documentElement;
  const MENU = '[data-testid="stSidebarNav"] a[href]';
  let first;
  let counts = {};
  let asking = false;
  let askedAt = 0;

  function isAway(away) {
    if (away === (root.dataset.away !== undefined)) return;
    if (!away) {
      delete root.dataset.away;
      document.getElementById("printers-away").remove();
      return;
    }
    root.dataset.away = "";
    const line = document.createElement("div");
    line.id = "printers-away";
    line.setAttribute("role", "status");
    const now = new Date();
    const time = [now.getHours(), now.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
    line.textContent = `Reconnecting… What you see is of ${time}.`;
    document.body.append(line);
  }

  async function look() {
    if (asking) return;
    asking = true;
    askedAt = performance.now();
    try {
      await hear(await fetch("/session", { cache: "no-store" }));
    } catch {
      isAway(true);
    }
    asking = false;
  }

  async function hear(answer) {
    if (answer.status === 401) {
      const here = location.pathname + location.search;
      location.replace("/login?next=" + encodeURIComponent(here));
      return;
    }
    // Streamlit finds the server by itself, a moment later: until then nothing that is pressed is heard.
    isAway(document.querySelector(LOST) !== null && root.dataset.away !== undefined);
    if (!answer.ok) return;
    const told = await answer.json();
    const now = `${told.name} ${told.role}`;
    first ??= now;
    if (now !== first) location.reload();
    counts = told.counts;
    count();
  }

  // Streamlit draws the menu anew now and then, without what it did not put there.
  function count() {
    for (const link of document.querySelectorAll(MENU)) {
      const number = counts[new URL(link.href).pathname.slice(1)];
      const words = number ? number.toLocaleString("en-US") : undefined;
      if (link.dataset.count === words) continue;
      if (words) link.dataset.count = words;
      else delete link.dataset.count;
    }
  }

  look();
  setInterval(() => {
    count();
    const lost = document.querySelector(LOST) !== null || root.dataset.away !== undefined;
    if (performance.now() - askedAt >= (lost ? AWAY : USUALLY)) look();
  }, 1000);
  document.addEventListener("visibilitychange", () => document.hidden || look());
})();
