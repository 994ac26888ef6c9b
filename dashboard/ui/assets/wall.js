// Keeps the wall view new: asks every few seconds whether anything differs, and takes over only the pieces that do,
// so that nothing blinks. The token of a screen's link stands in the fragment of its address: it is exchanged for a
// cookie at once, and taken out of the address. While the server is away a line says how old all this is.
(() => {
  const EVERY = 5000;
  const CLOSED_EVERY = 60000; // where nothing is shown to this browser
  const PATIENCE = 10000;
  const PARTS = ["place", "counts", "troubles", "tiles"];
  const sources = new WeakMap(); // element -> its HTML as the server sent it, before times.js says its times
  const part = (name) => document.getElementById(name);
  let etag = "";
  let heardAt = Date.now();
  let timer = 0;

  function show(name, words) {
    const element = part(name);
    if (words && element.textContent !== words) element.textContent = words;
    element.hidden = !words;
  }

  const age = () => {
    const seconds = Math.round((Date.now() - heardAt) / 1000);
    if (seconds < 60) return `${seconds} s`;
    return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
  };

  let away = false;
  function tick() {
    const now = new Date();
    const time = [now.getHours(), now.getMinutes()].map((each) => String(each).padStart(2, "0")).join(":");
    if (part("clock").textContent !== time) part("clock").textContent = time;
    show("away", away && (etag ? `Reconnecting… What you see is ${age()} old.` : "Reconnecting…"));
  }

  function sync(old, fresh) {
    if (old.className !== fresh.className) old.className = fresh.className;
    const known = new Map([...old.children].map((child) => [child.dataset.key, child]));
    const wanted = [...fresh.children].map((child) => {
      const same = known.get(child.dataset.key);
      const source = child.outerHTML;
      if (same && sources.get(same) === source) return same;
      sources.set(child, source);
      return child;
    });
    const kept = new Set(wanted);
    for (const child of known.values()) if (!kept.has(child)) child.remove();
    let at = old.firstElementChild;
    for (const child of wanted) {
      if (child === at) at = at.nextElementSibling;
      else old.insertBefore(child, at);
    }
  }

  function take(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const version = fresh.getElementById("place").dataset.version;
    if (version !== document.body.dataset.version) location.reload();
    for (const name of PARTS) sync(part(name), document.adoptNode(fresh.getElementById(name)));
    document.title = part("place").textContent.trim();
  }

  function close(words) {
    etag = "";
    for (const name of PARTS) part(name).replaceChildren();
    show("closed", words);
    part("sign-in").hidden = false;
  }

  async function hear(answer) {
    if (answer.status === 401) {
      close((await answer.json()).error);
    } else if (answer.status === 200) {
      const html = await answer.text();
      show("closed", "");
      part("sign-in").hidden = true;
      take(html);
      etag = answer.headers.get("etag") || "";
    } else if (answer.status !== 304) {
      throw new Error(answer.status);
    }
    heardAt = Date.now();
  }

  async function look() {
    clearTimeout(timer);
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const how = { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) };
      await hear(await fetch(`/wall/tiles${location.search}`, how));
      away = false;
    } catch {
      away = true;
    }
    tick();
    timer = setTimeout(look, part("closed").hidden ? EVERY : CLOSED_EVERY);
  }

  // True where the browser has its cookie, or none was to be had. Without a server the token stays in the address.
  async function exchange() {
    const token = location.hash.slice(1);
    if (!token) return true;
    try {
      const answer = await fetch("/wall/link", { method: "POST", body: new URLSearchParams({ token }) });
      if (answer.status >= 500) throw new Error(answer.status);
      history.replaceState(null, "", location.pathname + location.search);
      if (answer.ok) return true;
      close((await answer.json()).error);
      return false;
    } catch {
      away = true;
      tick();
      timer = setTimeout(begin, EVERY);
      return false;
    }
  }

  async function begin() {
    clearTimeout(timer);
    if (await exchange()) look();
  }

  addEventListener("hashchange", () => location.hash && begin());
  document.addEventListener("visibilitychange", () => !document.hidden && !location.hash && look());
  setInterval(tick, 1000);
  tick();
  begin();
})();
