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
  // Pictures in lists of pages stand for the page whose link is beside them.
  for (const one of document.querySelectorAll(".page-picture")) one.inert = true;
  // Sources are given the role of a list, but not those of list items.
  for (const one of document.querySelectorAll(".citation-list, .citation")) {
    one.removeAttribute("role");
  }
});

// The feature tables can be filtered and sorted.
addEventListener("load", () => {
  const tables = [...document.querySelectorAll("article table")].filter((one) =>
    [...one.querySelectorAll("thead th")].some((head) => head.textContent.trim() === "definition")
  );
  if (!tables.length) return;
  for (const table of tables) {
    table.classList.add("feature-table");
    table.querySelectorAll("thead th").forEach((head, column) => makeSortable(table, head, column));
  }
  addFilter(tables);
});

function makeSortable(table, head, column) {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const one of table.querySelectorAll("thead th")) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const text = (row) => row.cells[column].textContent.trim();
    const rows = [...table.tBodies[0].rows].sort((a, b) =>
      text(a).localeCompare(text(b), "en", { numeric: true })
    );
    table.tBodies[0].append(...(down ? rows.reverse() : rows));
  });
}

function addFilter(tables) {
  const box = document.createElement("div");
  box.className = "feature-filter";
  box.innerHTML =
    '<input type="search" aria-label="Filter the features" placeholder="Filter, such as: ppg rate">' +
    '<span role="status"></span>';
  tables[0].closest("section").before(box);
  const [input, count] = box.children;
  const all = tables.flatMap((table) => {
    const section = table.closest("section");
    return [...table.tBodies[0].rows].map((row) => ({
      row, section, text: `${section.id} ${row.textContent}`.toLowerCase(),
    }));
  });
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const one of all) one.row.hidden = !words.every((word) => one.text.includes(word));
    const shown = all.filter((one) => !one.row.hidden);
    const sections = new Set(shown.map((one) => one.section));
    for (const one of all) one.section.hidden = !sections.has(one.section);
    count.textContent = `${shown.length} of ${all.length}`;
  };
  input.addEventListener("input", show);
  show();
}
