"use strict";
document.documentElement.classList.add("js");
const task = document.getElementById("task");
const sklearn = document.getElementById("sklearn");

function filter() {
  for (const row of document.querySelectorAll("tr[data-task]")) {
    row.hidden = (task.value && row.dataset.task !== task.value)
      || (!sklearn.checked && row.dataset.solver === "sklearn");
  }
  for (const group of document.querySelectorAll("details[data-task]")) {
    group.hidden = Boolean(task.value) && group.dataset.task !== task.value;
  }
}

function compare(a, b, numeric, sign) {
  if (a === "" || b === "") return (a === "") - (b === "");
  return sign * (numeric ? Number(a) - Number(b) : a.localeCompare(b));
}

function sortBy(header) {
  const table = header.closest("table");
  const column = [...header.parentNode.children].indexOf(header);
  const ascending = header.getAttribute("aria-sort") !== "ascending";
  for (const other of header.parentNode.children) other.setAttribute("aria-sort", "none");
  header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const numeric = header.classList.contains("n");
  const key = (row) => row.children[column].dataset.sort;
  const rows = [...table.tBodies[0].rows];
  rows.sort((a, b) => compare(key(a), key(b), numeric, ascending ? 1 : -1));
  table.tBodies[0].append(...rows);
}

for (const header of document.querySelectorAll(".sortable th[aria-sort]")) {
  header.querySelector("button").addEventListener("click", () => sortBy(header));
}
task.addEventListener("change", filter);
sklearn.addEventListener("change", filter);
window.addEventListener("beforeprint", () => {
  for (const group of document.querySelectorAll("details:not([hidden])")) group.open = true;
});
filter();
