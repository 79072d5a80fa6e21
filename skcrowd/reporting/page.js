"use strict";
// Columns sort when their title is chosen; long tables get a field to search in.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];

  const sortBy = (column) => {
    const head = heads[column];
    const turn = head.getAttribute("aria-sort") === "descending" ? 1 : -1;
    const key = (row) => row.cells[column].dataset.key;
    const compare = (a, b) => {
      const [x, y] = [Number(key(a)), Number(key(b))];
      if (key(a) === "nan" || key(b) === "nan") return (key(a) === "nan") - (key(b) === "nan");
      return turn * (Number.isNaN(x - y) ? key(a).localeCompare(key(b)) : x - y);
    };
    body.append(...[...body.rows].sort(compare));
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", turn > 0 ? "ascending" : "descending");
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortBy(column));
    head.append(button);
  });

  if ("search" in table.dataset) {
    const field = document.createElement("input");
    field.type = "search";
    field.placeholder = "Search";
    field.setAttribute("aria-label", "Search in the table");
    field.addEventListener("input", () => {
      const sought = field.value.toLowerCase();
      for (const row of body.rows) {
        row.hidden = !row.cells[0].textContent.toLowerCase().includes(sought);
      }
    });
    table.parentElement.before(field);
  }
}
