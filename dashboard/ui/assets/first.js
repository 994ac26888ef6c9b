// Runs before Streamlit: tells it where its server is, which it would look for with two requests, and that there
// is to be no dialog when the server is away (session.js says so). Shows the first page once all of it is drawn.
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
  const LONGEST = 8000;
  const began = performance.now();

  function isDrawn() {
    return document.getElementById("printers-drawn") && !document.querySelector('[data-testid="stSkeleton"]');
  }

  function look() {
    if (isDrawn() || performance.now() - began > LONGEST) document.documentElement.classList.add("drawn");
    else setTimeout(look, 16);
  }

  look();
})();
