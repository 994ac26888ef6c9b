// The page of labels: shows another sheet as soon as it is chosen, and prints.
(() => {
  const form = document.querySelector("form");
  const print = document.getElementById("print");
  print.hidden = false;
  print.addEventListener("click", () => window.print());
  form.querySelector(".second").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
})();
