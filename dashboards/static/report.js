// The report's own script: unpacks the page's data, draws charts when they are scrolled to, opens
// what links lead to. Tables are served by tables.js.
"use strict";

const inflate = async (id) => {
  const text = document.getElementById(id).textContent.trim();
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
};

// Figures and tables by the id of their chart; null in a browser that cannot inflate them.
const pageData = inflate("page-data").then(JSON.parse).catch(() => null);

(() => {
  const nonce = document.currentScript.nonce;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const twins = Object.entries(read("dark-colours"));
  const config = read("plot-config");
  const charts = [...document.querySelectorAll(".chart")];
  const darkPage = window.matchMedia("(prefers-color-scheme: dark)");
  const NARROW = 600, TICK = 36;
  const AHEAD = "400px";  // how far below the window a chart is drawn
  const PAPER = 660;  // width of a printed chart: what A4 and Letter hold between their margins
  const LETTER = { regime: 0.68, detail: 0.58 };  // width of a letter, in sizes of its font
  let figures, source;

  // A finger has no pointer to make the buttons go away again, so they would cover labels.
  if (window.matchMedia("(hover: none)").matches) config.displayModeBar = false;

  // ---- charts ----

  async function prepare() {
    figures ??= (await pageData)?.figures;
    if (figures) source ??= await inflate("plotly-gzip");
    return Boolean(figures && source);
  }

  function runPlotly() {
    if (window.Plotly) return;
    const script = document.createElement("script");
    script.nonce = nonce;
    script.textContent = source;
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

  const isShown = (chart) => chart.offsetParent !== null;

  function draw(chart, paper) {
    const text = JSON.stringify(figures[chart.id]);
    const figure = JSON.parse(darkPage.matches && !paper ? dress(text) : text);
    if (paper) figure.layout.width = Math.min(chart.clientWidth, paper);
    fit(figure.layout, figure.layout.width ?? chart.clientWidth);
    if (!chart.dataset.drawn) chart.replaceChildren();
    Plotly.react(chart, figure.data, figure.layout, config);
    // the figure has its name: a reader need not hear every tick as well
    chart.querySelectorAll("svg").forEach((svg) => svg.setAttribute("aria-hidden", "true"));
    chart.dataset.drawn = "yes";
    seen.unobserve(chart);
  }

  const seen = new IntersectionObserver(async (entries) => {
    const near = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
    if (!near.length || !(await prepare())) return;
    runPlotly();
    near.filter((chart) => !chart.dataset.drawn && isShown(chart)).forEach((chart) => draw(chart));
  }, { rootMargin: AHEAD });

  // What is hidden has no width: it is drawn anew when it is seen again.
  function redraw() {
    for (const chart of charts.filter((each) => each.dataset.drawn)) {
      if (isShown(chart)) draw(chart);
      else {
        delete chart.dataset.drawn;
        seen.observe(chart);
      }
    }
  }

  // ---- what is folded, and links into it ----

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {  // what somebody typed
      return text;
    }
  }

  function openTarget() {
    const target = location.hash && document.getElementById(decoded(location.hash.slice(1)));
    for (let node = target; node; node = node.parentElement) {
      if (node.tagName === "DETAILS") node.open = true;
      if (node.dataset.choice) choose(node.closest(".charts"), node.dataset.choice);
    }
    if (target) target.scrollIntoView();
  }

  // The address names the section that was opened last, so that it can be sent to somebody.
  function nameAddress(fold) {
    const holdsTarget = location.hash && fold.querySelector(`[id="${CSS.escape(location.hash.slice(1))}"]`);
    if (fold.open && fold.id && !holdsTarget) history.replaceState(null, "", `#${fold.id}`);
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

  // ---- one figure judged by loss, accuracy or a metric of one's own ----

  function choose(group, choice) {
    for (const figure of group.querySelectorAll("figure[data-choice]")) {
      figure.hidden = figure.dataset.choice !== choice;
    }
    const box = group.parentElement.querySelector(`.choice input[value="${CSS.escape(choice)}"]`);
    if (box) box.checked = true;
  }

  for (const choice of document.querySelectorAll(".choice")) {
    const group = choice.parentElement.querySelector(".charts");
    choice.hidden = false;
    choice.addEventListener("change", (event) => choose(group, event.target.value));
    choose(group, choice.querySelector("input:checked").value);
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

  // ---- start ----

  function printCharts() {
    unfold();
    if (!figures || !source) return;
    runPlotly();
    charts.filter(isShown).forEach((chart) => draw(chart, PAPER));
  }

  function start() {
    window.addEventListener("hashchange", openTarget);
    openTarget();
    document.querySelectorAll("details.fold").forEach((fold) =>
      fold.addEventListener("toggle", () => nameAddress(fold)));
    if (!charts.length) return;
    charts.forEach((chart) => seen.observe(chart));
    (window.requestIdleCallback ?? setTimeout)(prepare);  // for print, which does not wait
    darkPage.addEventListener("change", redraw);
    let width = window.innerWidth, waiting;
    window.addEventListener("resize", () => {
      if (window.innerWidth === width) return;
      width = window.innerWidth;
      clearTimeout(waiting);
      waiting = setTimeout(redraw, 150);
    });
    window.addEventListener("beforeprint", printCharts);
    window.addEventListener("afterprint", () => { refold(); redraw(); });
  }

  start();
})();
