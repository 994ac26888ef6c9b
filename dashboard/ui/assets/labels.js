// The page of labels: shows another sheet as soon as it is chosen. print.js prints it.
(() => {
  const form = document.querySelector("form");
  form.querySelector(".second").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
})();
