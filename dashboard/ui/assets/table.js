// What is chosen in a table of ours goes into the address, and Streamlit hears of it as of the browser's Back: heads
// that sort (data-set="sort=-opened") and rows that are marked (data-mark="12"); see dashboard/ui/table.py.
// A phone has no heads to click: there a list chooses the order (data-sets: its value is what a head would set).
(() => {
  function change(edit) {
    const url = new URL(location.href);
    edit(url.searchParams);
    history.replaceState(history.state, "", url);
    dispatchEvent(new PopStateEvent("popstate", { state: "table" }));
  }

  function set(asked) {
    change((query) => {
      for (const [name, value] of new URLSearchParams(asked)) {
        if (value) query.set(name, value);
        else query.delete(name);
      }
    });
  }

  addEventListener("click", (event) => {
    const head = event.target.closest?.("[data-set]");
    if (!head) return;
    set(head.dataset.set);
  });

  addEventListener("change", (event) => {
    if (event.target.matches?.("[data-sets]")) set(event.target.value);
    const table = event.target.matches?.("[data-mark], [data-mark-all]") && event.target.closest(".wide");
    if (!table) return;
    const boxes = [...table.querySelectorAll("[data-mark]")];
    if (event.target.matches("[data-mark-all]")) boxes.forEach((box) => (box.checked = event.target.checked));
    change((query) => {
      query.delete("mark");
      for (const box of boxes) if (box.checked) query.append("mark", box.dataset.mark);
    });
  });
})();
