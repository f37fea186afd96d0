"use strict";
// Every table of a page: search, order by a column, details, a download. Without scripts the
// tables stand as they are.

function element(name, attributes = {}, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

// A number where the cell has one; nothing stands last in either direction.
function keyOf(row, column) {
  const cell = row.cells[column];
  return cell.dataset.sort === undefined ? cell.textContent.trim() : Number(cell.dataset.sort);
}

function compare(a, b, sign) {
  if (a === "" || b === "") return (a === "") - (b === "");
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return sign * (typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true }));
}

function sortBy(table, header) {
  const ascending = header.getAttribute("aria-sort") !== "ascending";
  for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
  header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const rows = [...table.tBodies[0].rows];
  rows.sort((a, b) => compare(keyOf(a, header.cellIndex), keyOf(b, header.cellIndex),
    ascending ? 1 : -1));
  table.tBodies[0].append(...rows);
}

function makeSortable(table) {
  for (const header of table.tHead.rows[0].cells) {
    const button = element("button", { type: "button" }, header.textContent);
    header.replaceChildren(button);
    header.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => sortBy(table, header));
  }
}

function quoted(text) {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// What is shown, row by row; a number with the digits that it is put in order by.
function asCsv(table) {
  const visible = (part) => part.offsetParent !== null;
  const lines = [...table.rows].filter((row) => !row.hidden && visible(row)).map((row) =>
    [...row.cells].filter(visible).map((cell) => {
      const parts = cell.tagName === "TD" || cell.scope === "row"
        ? [...cell.children].filter(visible).map((part) => part.textContent.trim())
        : [cell.textContent.trim()];
      if (cell.dataset.sort !== undefined) parts[0] = cell.dataset.sort;
      return quoted(parts.join(" ").trim());
    }).join(","));
  return `${lines.join("\n")}\n`;
}

function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function makeTools(box, table) {
  const rows = [...table.tBodies[0].rows];
  const tools = element("div", { class: "tools" });
  const count = element("output", { "aria-live": "polite" });
  const search = element("input", { type: "search", "aria-label": `Search: ${table.caption.textContent}`,
    placeholder: "search rows" });
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    const offered = rows.filter((row) => !row.classList.contains("detail")
      || box.classList.contains("details"));
    const shown = offered.filter((row) => !row.hidden).length;
    count.textContent = words.length ? `${shown} of ${offered.length} rows` : `${offered.length} rows`;
  };
  search.addEventListener("input", filter);
  if (rows.length > 7) tools.append(search);
  if (box.dataset.details) {
    const label = element("label");
    const box_ = element("input", { type: "checkbox" });
    label.append(box_, ` ${box.dataset.details}`);
    box_.addEventListener("change", () => {
      box.classList.toggle("details", box_.checked);
      filter();
    });
    tools.append(label);
  }
  const save = element("button", { type: "button", "aria-label": `Download as CSV: ${table.caption.textContent}` },
    "CSV of what is shown");
  save.addEventListener("click", () => download(`${box.id}.csv`, asCsv(table)));
  tools.append(save);
  if (rows.length > 7) tools.append(count);
  filter();
  box.prepend(tools);
}

// Says at its edge that a table goes on to the right.
function makeCue(box) {
  const scroll = box.querySelector(".scroll");
  const look = () => box.classList.toggle("more",
    scroll.scrollLeft + scroll.clientWidth < scroll.scrollWidth - 2);
  scroll.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(scroll);
  look();
}

document.documentElement.classList.add("js");
for (const box of document.querySelectorAll(".table")) {
  const table = box.querySelector("table");
  makeSortable(table);
  makeTools(box, table);
  makeCue(box);
}

// What is folded is printed too, but for the tables that are folded for their length.
window.addEventListener("beforeprint", () => {
  for (const group of document.querySelectorAll("details:not(.long)")) group.open = true;
});

// A link to what is folded opens it.
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
  if (target) target.scrollIntoView();
}
window.addEventListener("hashchange", openTarget);
openTarget();
