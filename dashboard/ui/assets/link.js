// The token of a link for an account stands in the fragment of its address: it is taken out of the address, and
// exchanged for a cookie; then the page is loaded anew, with its form. Without a server the token goes back there.
(() => {
  const part = (name) => document.getElementById(name);

  function show(name, words) {
    part(name).textContent = words;
    part(name).hidden = false;
  }

  async function open() {
    const token = location.hash.slice(1);
    if (!token) {
      if (part("no-link") && part("closed").hidden) part("no-link").hidden = false;
      return;
    }
    history.replaceState(null, "", location.pathname);
    part("closed").hidden = true;
    if (part("no-link")) part("no-link").hidden = true;
    part("opening").hidden = false;
    const form = document.querySelector("form");
    if (form) form.hidden = true; // of an earlier link
    try {
      const answer = await fetch("/login/link/token", { method: "POST", body: new URLSearchParams({ token }) });
      if (answer.ok) {
        location.replace(location.pathname);
        return;
      }
      show("closed", (await answer.json()).error);
      if (answer.status >= 429) history.replaceState(null, "", `#${token}`);
    } catch {
      show("closed", "The server cannot be reached just now. Reload this page in a moment.");
      history.replaceState(null, "", `#${token}`);
    }
    part("opening").hidden = true;
  }

  addEventListener("hashchange", () => location.hash && open());
  open();
})();
