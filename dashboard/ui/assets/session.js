// Loaded once by every open page: where the session has ended the page goes to the login, and where the
// person or their role is another one than at first it loads itself anew.
(() => {
  if (window.printersSession) return;
  window.printersSession = true;
  let first;

  async function look() {
    let answer;
    try {
      answer = await fetch("/session", { cache: "no-store" });
    } catch {
      return; // the server is away: the page says so itself
    }
    if (answer.status === 401) {
      const here = location.pathname + location.search;
      location.replace("/login?next=" + encodeURIComponent(here));
      return;
    }
    if (!answer.ok) return;
    const now = await answer.text();
    first ??= now;
    if (now !== first) location.reload();
  }

  look();
  setInterval(look, 10000);
  document.addEventListener("visibilitychange", () => document.hidden || look());
})();
