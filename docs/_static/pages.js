// What the theme leaves without a name, or out of reach of the keyboard.
addEventListener("load", () => {
  // The signs that unfold a part of the contents say which.
  for (const one of document.querySelectorAll("li.has-children > details > summary")) {
    const title = one.parentElement.parentElement.querySelector("a").textContent.trim();
    one.setAttribute("aria-label", `pages below ${title}`);
  }
  // Tables that code has shown scroll sideways where they are wide.
  for (const one of document.querySelectorAll(".output_subarea")) {
    if (one.scrollWidth > one.clientWidth) {
      one.tabIndex = 0;
      one.setAttribute("role", "region");
      one.setAttribute("aria-label", "table");
    }
  }
  // Sources are given the role of a list, but not those of list items.
  for (const one of document.querySelectorAll(".citation-list, .citation")) {
    one.removeAttribute("role");
  }
});
