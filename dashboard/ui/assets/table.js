// What is chosen in a table of ours goes into the address, and Streamlit hears of it as of the browser's Back: heads
// that sort (data-set="sort=-opened") and rows that are marked (data-mark="12"); see dashboard/ui/table.py.
(() => {
  function change(edit) {
    const url = new URL(location.href);
    edit(url.searchParams);
    history.replaceState(history.state, "", url);
    dispatchEvent(new PopStateEvent("popstate", { state: "table" }));
  }

  addEventListener("click", (event) => {
    const head = event.target.closest?.("[data-set]");
    if (!head) return;
    change((query) => {
      for (const [name, value] of new URLSearchParams(head.dataset.set)) {
        if (value) query.set(name, value);
        else query.delete(name);
      }
    });
  });

  addEventListener("change", (event) => {
    const table = event.target.matches?.("[data-mark], [data-mark-all]") && event.target.closest("table");
    if (!table) return;
    const boxes = [...table.querySelectorAll("[data-mark]")];
    const all = table.querySelector("[data-mark-all]");
    if (event.target === all) boxes.forEach((box) => (box.checked = all.checked));
    change((query) => {
      query.delete("mark");
      for (const box of boxes) if (box.checked) query.append("mark", box.dataset.mark);
    });
  });
})();
