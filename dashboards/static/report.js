// The report's own script: inflates plotly.js, draws the charts, sorts, filters and saves the table.
"use strict";
(() => {
  const nonce = document.currentScript.nonce;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const twins = Object.entries(read("dark-colours"));
  const config = read("plot-config");
  const charts = [...document.querySelectorAll(".chart")];
  const darkPage = window.matchMedia("(prefers-color-scheme: dark)");
  const NARROW = 600, TICK = 36;
  const LETTER = { regime: 0.68, detail: 0.58 };  // width of a letter, in sizes of its font

  // ---- charts ----

  async function loadPlotly() {
    const text = document.getElementById("plotly-gzip").textContent.trim();
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.nonce = nonce;
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  }

  const triple = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)).join(",");

  // Every colour of the figure becomes its twin; faded ones are written rgba(r,g,b,opacity).
  function dress(text) {
    return twins.reduce((dressed, [light, dark]) => dressed
      .replaceAll(light, dark)
      .replaceAll(`rgba(${triple(light)},`, `rgba(${triple(dark)},`), text);
  }

  function setPath(layout, path, value) {
    const keys = path.split(".");
    const last = keys.pop();
    keys.reduce((node, key) => (node[key] ??= {}), layout)[last] = value;
  }

  function thin(axis, base, room) {
    const places = axis.tickvals.map(Math.log10);
    const [low, high] = base.range ?? [Math.min(...places), Math.max(...places)];
    if (!base.range) room *= 0.8;  // points lie beyond the ticks
    const half = (i) => Math.max(TICK, 7 * axis.ticktext[i].replace(/<br>.*/, "").length + 8) / 2;
    let last = -Infinity;
    places.map((place, i) => [place, i]).sort(([a], [b]) => a - b).forEach(([place, i]) => {
      const pixel = ((place - low) / (high - low)) * room;
      if (pixel - half(i) < last) axis.ticktext[i] = "";
      else last = pixel + half(i);
    });
  }

  // Labels that would not fit give way: fewer ticks, names of narrow zones upright, no details.
  // Those under an upright name would cross it.
  function fit(layout, width) {
    if (width < NARROW) {
      for (const [path, value] of Object.entries(layout.meta?.narrow ?? {})) {
        setPath(layout, path, value);
      }
    }
    const margin = layout.margin;
    const room = width - margin.l - margin.r - (layout.yaxis2 ? 60 : 0);
    for (const key of ["xaxis", "xaxis2"]) {
      if (layout[key]?.type === "log" && layout[key].ticktext) thin(layout[key], layout.xaxis, room);
    }
    let upright;
    for (const {annotation, kind, share} of layout.meta?.labels ?? []) {
      const note = layout.annotations[annotation];
      const pixels = share * room;
      const longest = Math.max(...note.text.split("<br>")
        .map((line) => line.replace(/<[^>]*>/g, "").length));
      const fits = longest * LETTER[kind] * note.font?.size < pixels - 4;
      if (kind === "regime" && !fits) [note.textangle, upright] = [-90, note.x];
      if (kind === "detail" && (!fits || note.x === upright)) note.visible = false;
    }
  }

  const folded = (chart) => chart.closest("details:not([open])");

  // A chart in a folded section has no width yet: it is drawn when its section opens.
  function draw(light) {
    for (const chart of charts) {
      if (folded(chart)) continue;
      const raw = document.getElementById(`${chart.id}-figure`).textContent;
      const figure = JSON.parse(darkPage.matches && !light ? dress(raw) : raw);
      fit(figure.layout, chart.clientWidth);
      if (!chart.dataset.drawn) chart.replaceChildren();
      Plotly.react(chart, figure.data, figure.layout, config);
      chart.dataset.drawn = "yes";
    }
  }

  let waiting;
  function redraw() {
    clearTimeout(waiting);
    waiting = setTimeout(() => draw(false), 150);
  }

  // A link to something inside a folded section opens it.
  function openTarget() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let node = target; node; node = node.parentElement) {
      if (node.tagName === "DETAILS") node.open = true;
    }
    if (target) target.scrollIntoView();
  }

  function unfold() {
    for (const fold of document.querySelectorAll("details.fold:not([open])")) {
      fold.open = true;
      fold.dataset.folded = "yes";
    }
  }

  function refold() {
    for (const fold of document.querySelectorAll("details[data-folded]")) {
      fold.open = false;
      delete fold.dataset.folded;
    }
  }

  async function start() {
    window.addEventListener("hashchange", openTarget);
    openTarget();
    if (!charts.length) return;
    await loadPlotly();
    draw(false);
    document.querySelectorAll("details.fold").forEach((fold) =>
      fold.addEventListener("toggle", () => {
        if (fold.open && fold.querySelector(".chart:not([data-drawn])")) draw(false);
      }));
    darkPage.addEventListener("change", () => draw(false));
    let width = window.innerWidth;
    window.addEventListener("resize", () => {
      if (window.innerWidth !== width) redraw();
      width = window.innerWidth;
    });
    window.addEventListener("beforeprint", () => { unfold(); draw(true); });
    window.addEventListener("afterprint", () => { refold(); draw(false); });
  }

  // ---- the table of trials ----

  function serveTable(table) {
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows];
    const names = heads.map((head) => head.dataset.name);
    const full = (cell) => cell.dataset.v ?? cell.textContent;

    function compare(first, second, numeric) {
      if (first === "" || second === "") return (first === "") - (second === "");
      return numeric ? Number(first) - Number(second) : first.localeCompare(second);
    }

    function sortBy(column) {
      const up = heads[column].getAttribute("aria-sort") !== "ascending";
      heads.forEach((head) => head.removeAttribute("aria-sort"));
      heads[column].setAttribute("aria-sort", up ? "ascending" : "descending");
      const numeric = rows.some((row) => row.cells[column].classList.contains("n"));
      const keyed = rows.map((row) => [full(row.cells[column]), row]);
      keyed.sort(([a], [b]) => {
        const order = compare(a, b, numeric);
        return up || a === "" || b === "" ? order : -order;
      });
      table.tBodies[0].append(...keyed.map(([, row]) => row));
    }

    const counted = (n) => `${n.toLocaleString("en")} ${n === 1 ? "trial" : "trials"}`;

    function filter() {
      const wanted = [...document.querySelectorAll(".controls select")]
        .map((box) => [names.indexOf(box.dataset.column), box.value])
        .filter(([, value]) => value);
      for (const row of rows) {
        row.hidden = wanted.some(([column, value]) => row.cells[column].textContent !== value);
      }
      const shown = rows.filter((row) => !row.hidden).length;
      document.getElementById("trials-count").textContent =
        shown === rows.length ? counted(shown) : `${counted(shown).split(" ")[0]} of ${counted(rows.length)}`;
    }

    // A spreadsheet runs a cell that begins like a formula, so such text gets an apostrophe.
    function csvCell(text) {
      const number = text !== "" && Number.isFinite(Number(text));
      const safe = !number && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
      return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    }

    function saveCsv(button) {
      const shown = [...table.tBodies[0].rows].filter((row) => !row.hidden);
      const lines = [names, ...shown.map((row) => [...row.cells].map(full))];
      const text = lines.map((line) => line.map(csvCell).join(",")).join("\r\n") + "\r\n";
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      link.download = button.dataset.file;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }

    heads.forEach((head, column) =>
      head.firstElementChild.addEventListener("click", () => sortBy(column)));
    document.querySelectorAll(".controls select").forEach((box) =>
      box.addEventListener("change", filter));
    const button = document.getElementById("download-csv");
    button.addEventListener("click", () => saveCsv(button));
  }

  // ---- lines to paste ----

  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const lines = button.parentElement.querySelector("pre");
      try {
        await navigator.clipboard.writeText(lines.textContent);
        button.textContent = "Copied";
      } catch {  // a page from a disk may not have the right: the lines are selected instead
        getSelection().selectAllChildren(lines);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }

  const table = document.getElementById("trials-table");
  if (table) serveTable(table);
  start();
})();
