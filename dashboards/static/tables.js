// Tables of numbers: unpacked when they are opened, sorted, filtered, with a choice of columns that
// fit the window, and saved as CSV in full precision.
(() => {
  const KEPT = 2;  // columns that are never left out for want of room
  const full = (cell) => cell.dataset.v ?? cell.textContent;

  function make(tag, text, attributes = {}) {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  }

  // ---- a table from the page's data ----

  function build(stored) {
    const table = make("table", "", { class: "sortable" });
    const head = table.createTHead().insertRow();
    stored.headings.forEach((words, i) => {
      const cell = make("th", "", { scope: "col", "data-name": stored.names[i] });
      cell.append(make("button", words, { type: "button" }));
      head.append(cell);
    });
    const body = table.createTBody();
    for (const values of stored.rows) {
      const row = body.insertRow();
      values.forEach((value, i) => {
        const [text, raw] = Array.isArray(value) ? value : [value];
        const cell = row.insertCell();
        cell.textContent = text;
        if (stored.numbers[i]) cell.className = "n";
        if (raw) cell.dataset.v = raw;
      });
    }
    return table;
  }

  async function unpack(holder) {
    if (holder.childElementCount) return;
    const stored = (await pageData)?.tables[holder.dataset.table];
    if (!stored || holder.childElementCount) return;
    const scroll = make("div", "", {
      class: "scroll", tabindex: "0", role: "region", "aria-label": holder.dataset.label,
    });
    scroll.append(build(stored));
    holder.append(scroll);
    serve(scroll, holder.dataset.label, `${holder.dataset.table}.csv`);
  }

  // ---- order ----

  function compare(first, second, numeric) {
    if (first === "" || second === "") return (first === "") - (second === "");
    return numeric ? Number(first) - Number(second) : first.localeCompare(second);
  }

  function sortBy(table, heads, column) {
    const up = heads[column].getAttribute("aria-sort") !== "ascending";
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[column].setAttribute("aria-sort", up ? "ascending" : "descending");
    const rows = [...table.tBodies[0].rows];
    const numeric = rows.some((row) => row.cells[column].classList.contains("n"));
    const keyed = rows.map((row) => [full(row.cells[column]), row]);
    keyed.sort(([a], [b]) => {
      const order = compare(a, b, numeric);
      return up || a === "" || b === "" ? order : -order;
    });
    table.tBodies[0].append(...keyed.map(([, row]) => row));
  }

  // ---- columns ----

  function showColumns(table, shown) {
    for (const row of table.rows) {
      [...row.cells].forEach((cell, i) => { cell.hidden = !shown[i]; });
    }
  }

  // As many columns as the window holds; whoever chooses columns gets those.
  function fitColumns(scroll, table, heads, chooser) {
    if (scroll.dataset.chosen || !scroll.clientWidth) return;
    const shown = heads.map(() => true);
    showColumns(table, shown);
    const widths = heads.map((head) => head.offsetWidth);
    let total = widths.reduce((sum, width) => sum + width, 0);
    for (let i = heads.length - 1; i >= KEPT && total > scroll.clientWidth; i -= 1) {
      shown[i] = false;
      total -= widths[i];
    }
    if (shown.includes(false)) showColumns(table, shown);
    tell(chooser, shown);
  }

  function tell(chooser, shown) {
    const count = shown.filter(Boolean).length;
    chooser.hidden = shown.length <= KEPT;
    chooser.querySelector("summary").textContent = count === shown.length
      ? "Columns" : `Columns (${count} of ${shown.length})`;
    chooser.querySelectorAll("input").forEach((box, i) => { box.checked = shown[i]; });
  }

  function columnChooser(scroll, table, heads) {
    const chooser = make("details", "", { class: "columns" });
    chooser.append(make("summary", "Columns"));
    const list = make("div");
    chooser.append(list);
    heads.forEach((head) => {
      const label = make("label");
      const box = make("input", "", { type: "checkbox" });
      box.addEventListener("change", () => {
        const shown = [...list.querySelectorAll("input")].map((each) => each.checked);
        scroll.dataset.chosen = "yes";
        showColumns(table, shown);
        tell(chooser, shown);
      });
      label.append(box, ` ${head.textContent}`);
      list.append(label);
    });
    return chooser;
  }

  // ---- rows ----

  const counted = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

  function filter(table, controls, heads, noun) {
    const words = controls.querySelector("input[type=search]").value.trim().toLowerCase();
    const wanted = [...controls.querySelectorAll("select")]
      .map((box) => [heads.findIndex((head) => head.dataset.name === box.dataset.column), box.value])
      .filter(([, value]) => value);
    const rows = [...table.tBodies[0].rows];
    for (const row of rows) {
      row.hidden = wanted.some(([column, value]) => row.cells[column].textContent !== value)
        || (words !== "" && ![...row.cells].some((cell) => cell.textContent.toLowerCase().includes(words)));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    controls.querySelector("[aria-live]").textContent = shown === rows.length
      ? counted(shown, noun) : `${shown.toLocaleString("en")} of ${counted(rows.length, noun)}`;
  }

  // ---- CSV ----

  // A spreadsheet runs a cell that begins like a formula, so such text gets an apostrophe.
  function csvCell(text) {
    const number = text !== "" && Number.isFinite(Number(text));
    const safe = !number && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  function saveCsv(table, heads, file) {
    const shown = [...table.tBodies[0].rows].filter((row) => !row.hidden);
    const names = heads.map((head) => head.dataset.name);
    const lines = [names, ...shown.map((row) => [...row.cells].map(full))];
    const text = lines.map((line) => line.map(csvCell).join(",")).join("\r\n") + "\r\n";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // ---- all of it ----

  function serve(scroll, label, file) {
    const table = scroll.querySelector("table");
    const heads = [...table.tHead.rows[0].cells];
    const given = scroll.previousElementSibling;
    const controls = given?.classList.contains("controls") ? given : make("p", "", { class: "controls" });
    const noun = controls.dataset.noun ?? "row";
    if (controls !== given) scroll.before(controls);
    const search = make("input", "", {
      type: "search", placeholder: "Filter", "aria-label": `Filter rows of ${label}`,
    });
    const chooser = columnChooser(scroll, table, heads);
    const button = make("button", "Download as CSV", { type: "button", class: "save-csv" });
    if (!controls.querySelector("[aria-live]")) controls.append(make("span", "", { "aria-live": "polite" }));
    controls.prepend(search);
    controls.append(button);
    scroll.before(chooser);
    const refilter = () => filter(table, controls, heads, noun);
    controls.addEventListener("input", refilter);
    heads.forEach((head, column) =>
      head.firstElementChild.addEventListener("click", () => sortBy(table, heads, column)));
    button.addEventListener("click", () => saveCsv(table, heads, file));
    refilter();
    new ResizeObserver(() => fitColumns(scroll, table, heads, chooser)).observe(scroll);
  }

  document.querySelectorAll("details.data").forEach((fold) => fold.addEventListener("toggle", () => {
    if (fold.open) fold.querySelectorAll(".unpacked").forEach(unpack);
  }));
  document.querySelectorAll(".scroll.served").forEach((scroll) =>
    serve(scroll, scroll.getAttribute("aria-label"), scroll.dataset.file));
})();
