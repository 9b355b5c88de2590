// Draws the one chart of a page that plot_boundary writes.
"use strict";
(async () => {
  const nonce = document.currentScript.nonce;
  const inflate = async (id) => {
    const text = document.getElementById(id).textContent.trim();
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };
  const [data, source] = await Promise.all([inflate("figure-data"), inflate("plotly-gzip")]);
  const script = document.createElement("script");
  script.nonce = nonce;
  script.textContent = source;
  document.head.append(script);
  const { figure, config } = JSON.parse(data);
  const chart = document.getElementById("chart");
  Plotly.newPlot(chart, figure.data, figure.layout, config);
  chart.querySelectorAll("svg").forEach((svg) => svg.setAttribute("aria-hidden", "true"));
  chart.dataset.drawn = "yes";
})();
