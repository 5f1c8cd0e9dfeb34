// What scrolls sideways can be reached with the keyboard: tables that code has shown.
addEventListener("load", () => {
  for (const one of document.querySelectorAll(".output_subarea")) {
    if (one.scrollWidth > one.clientWidth) {
      one.tabIndex = 0;
      one.setAttribute("role", "region");
      one.setAttribute("aria-label", "table");
    }
  }
});
