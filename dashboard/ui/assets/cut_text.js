// What a line has no room for is its tip while it is pointed at: rows of the list of printers and cards of issues end
// in an ellipsis there. A keyboard and a screen reader have the whole text, and what it opens shows it.
(() => {
  const MOST_OUTER = 4; // elements between the words and the line that cuts them

  function line(element) {
    for (let each = element, outer = 0; each && outer <= MOST_OUTER; each = each.parentElement, outer++) {
      if (getComputedStyle(each).textOverflow === "ellipsis") return each;
    }
    return null;
  }

  addEventListener("mouseover", (event) => {
    const found = event.target.closest?.(".stHtml") && line(event.target);
    if (!found) return;
    if (found.scrollWidth > found.clientWidth) found.title = found.innerText.replace(/\s+/g, " ").trim();
    else found.removeAttribute("title");
  });
})();
