// Runs before Streamlit: tells it where its server is, which it would look for with two requests, and that there
// is to be no dialog when the server is away (session.js says so). Shows the first page once all of it is drawn, on a
// phone without the menu, which would lie over it: Streamlit remembers that it was open.
window.__streamlit = {
  BACKEND_BASE_URL: location.origin,
  HOST_CONFIG: {
    allowedOrigins: [location.origin],
    useExternalAuthToken: false,
    enableCustomParentMessages: false,
    blockErrorDialogs: true,
  },
};
(() => {
  const PHONE = 768; // as in navigate.js
  const LONGEST = 8000;
  const READING = 1500;
  const began = performance.now();

  function forgetOpenMenu() {
    if (innerWidth > PHONE) return;
    try {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith("stSidebarCollapsed"));
      for (const key of keys) localStorage.removeItem(key);
    } catch {
      // nothing is remembered here
    }
  }

  function isDrawn() {
    return document.getElementById("printers-drawn") && !document.querySelector('[data-testid="stSkeleton"]');
  }

  function look() {
    if (!isDrawn() && performance.now() - began <= LONGEST) {
      setTimeout(look, 16);
      return;
    }
    document.documentElement.classList.add("drawn");
    setTimeout(prepare, READING);
  }

  // What charts are drawn with is loaded while somebody reads the first page: it is large.
  function prepare() {
    for (const link of document.querySelectorAll('link[rel="prefetch"][as="script"]')) import(link.href);
  }

  forgetOpenMenu();
  look();
})();
