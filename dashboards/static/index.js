// The index's own script: sorts and searches the table of studies, and finds a page that compares.
"use strict";
(() => {
  const known = JSON.parse(document.getElementById("known").textContent);
  const table = document.getElementById("studies");
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  const search = document.getElementById("search");
  const compare = document.getElementById("compare");
  const answer = document.getElementById("comparison");
  const full = (cell) => cell.dataset.v ?? cell.textContent.trim();

  function sortBy(column) {
    const up = heads[column].getAttribute("aria-sort") !== "ascending";
    const numeric = heads[column].classList.contains("n");
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[column].setAttribute("aria-sort", up ? "ascending" : "descending");
    const keyed = rows.map((row) => [full(row.cells[column]), row]);
    const missing = (key) => key === "" || key === "–";
    keyed.sort(([a], [b]) => {  // what is missing comes last either way
      if (missing(a) || missing(b)) return missing(a) - missing(b);
      const order = numeric ? Number(a) - Number(b) : a.localeCompare(b, "en", { numeric: true });
      return up ? order : -order;
    });
    table.tBodies[0].append(...keyed.map(([, row]) => row));
  }

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += !row.hidden;
    }
    const studies = (n) => `${n.toLocaleString("en")} ${n === 1 ? "study" : "studies"}`;
    document.getElementById("shown").textContent =
      shown === rows.length ? studies(shown) : `${shown.toLocaleString("en")} of ${studies(rows.length)}`;
  }

  const picked = () => rows.filter((row) => row.querySelector(".pick input").checked);

  function mark() {
    rows.forEach((row) => row.classList.toggle("picked", row.querySelector(".pick input").checked));
    compare.disabled = picked().length < 2;
    answer.replaceChildren();
  }

  // The page of exactly these studies, or the command that writes it.
  function showComparison() {
    const names = picked().map((row) => row.dataset.name);
    const page = known.comparisons.find((one) =>
      one.names.length === names.length && one.names.every((name) => names.includes(name)));
    if (page) {
      location.href = page.href;
      return;
    }
    const command = document.createElement("code");
    command.textContent = [known.command, ...names.map((name) => known.quoted[name])].join(" ");
    answer.replaceChildren("This comparison is not written yet. Run ", command, " and come back.");
  }

  heads.forEach((head, column) =>
    head.firstElementChild.addEventListener("click", () => sortBy(column)));
  search.addEventListener("input", filter);
  compare.addEventListener("click", showComparison);
  for (const box of document.querySelectorAll(".pick")) {
    box.hidden = false;
    box.firstElementChild.addEventListener("change", mark);
  }
  document.querySelector(".tools").hidden = false;
  filter();
  mark();
})();
