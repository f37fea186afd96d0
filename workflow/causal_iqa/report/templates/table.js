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

// As programs read it: their minus, no space that does not break.
const plain = (text) => text.replaceAll("\u2212", "-").replaceAll("\u00a0", " ").trim();

// A cell's parts: its number in full or its text, an interval's two ends, whatever else stands there.
function partsOf(cell) {
  const [first, ...others] = [...cell.children].map((part) => plain(part.textContent));
  const found = new Map([["", cell.dataset.sort ?? first ?? ""]]);
  for (const text of others) {
    const ends = text.match(/^\[?(-?[\d.]+)(?:, | to )(-?[\d.]+)(?: %)?\]?$/);
    if (ends) found.set(" lo", ends[1]).set(" hi", ends[2]);
    else if (text.startsWith("p ")) found.set(" p", text.replace(/^p (= )?/, ""));
    else found.set(" beside", text.replace(/^\((.*)\)$/, "$1"));
  }
  return found;
}

// What is shown, a column per number.
function asCsv(table) {
  const visible = (part) => part.offsetParent !== null;
  const headers = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden && visible(row));
  const columns = headers.flatMap((header, k) => {
    if (!visible(header)) return [];
    const cells = rows.map((row) => partsOf(row.cells[k]));
    const kinds = ["", " lo", " hi", " p", " beside"].filter((kind) => !kind || cells.some((c) => c.has(kind)));
    return kinds.map((kind) => [`${plain(header.textContent)}${kind}`, ...cells.map((c) => c.get(kind) ?? "")]);
  });
  const lines = [...Array(rows.length + 1).keys()].map((k) =>
    columns.map((column) => quoted(column[k])).join(","));
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
    const words = plain(search.value.toLowerCase()).split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = plain(row.textContent.toLowerCase());
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
    const details = element("input", { type: "checkbox" });
    label.append(details, ` ${box.dataset.details}`);
    details.addEventListener("change", () => {
      box.classList.toggle("details", details.checked);
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

// Says that a table or a figure goes on to the right.
function makeCue(box, scroll) {
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
  makeCue(box, box.querySelector(".scroll"));
}
for (const pan of document.querySelectorAll("figure > .pan")) makeCue(pan.parentElement, pan);

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
