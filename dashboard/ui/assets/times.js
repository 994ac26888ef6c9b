// Says times as the reader's clock and place have it, and says them anew as they pass: so the server's HTML stays
// the same while nothing happens, and is neither sent nor drawn again. Each <time data-form> (ui/templates/time.html.j2)
// is `ago` (5 min ago), `for` (5 min), `at` (28 Nov 2026, 14:05) or `clock` (14:05 where that is today). The words are those of core/domain/units.py.
(() => {
  const EVERY = 10000;
  const AHEAD = 300; // a time further ahead than this is not believed (core/domain/freshness.py)
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const UNITS = [
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const two = (number) => String(number).padStart(2, "0");

  function lasting(seconds) {
    const days = Math.floor(seconds / 86400);
    if (days >= 1) return days === 1 ? "1 day" : `${days.toLocaleString("en-US")} days`;
    const [length, unit] = UNITS.find(([length]) => seconds >= length) || [1, "s"];
    return `${Math.max(0, Math.floor(seconds / length))} ${unit}`;
  }

  function ago(seconds) {
    if (seconds < -AHEAD) return `dated ${lasting(-seconds)} ahead: a clock was wrong`;
    return seconds < 60 ? "just now" : `${lasting(seconds)} ago`;
  }

  const moment = (at) =>
    `${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}, ${two(at.getHours())}:${two(at.getMinutes())}`;

  const clock = (at) => (at.toDateString() === new Date().toDateString() ? moment(at).split(", ")[1] : moment(at));
  const WORDS = { ago: (at, seconds) => ago(seconds), for: (at, seconds) => lasting(seconds), at: moment, clock };

  function say(element) {
    const at = new Date(element.dateTime);
    if (isNaN(at)) return;
    const exact = moment(at);
    const seconds = (Date.now() - at) / 1000;
    const form = element.dataset.form;
    const words = (WORDS[form] || moment)(at, seconds);
    // In place of another text node, which would take a selection in it away.
    if (element.textContent !== words) {
      if (element.firstChild?.nodeType === Node.TEXT_NODE) element.firstChild.data = words;
      else element.textContent = words;
    }
    if (form !== "at" && element.title !== exact) element.title = exact;
  }

  const sayAll = (root) => root.querySelectorAll("time[data-form]").forEach(say);

  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node.nodeType === Node.ELEMENT_NODE) sayAll(node);
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
  setInterval(() => sayAll(document), EVERY);
  sayAll(document);
})();
