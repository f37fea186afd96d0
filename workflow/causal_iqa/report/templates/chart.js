"use strict";
// The chart of report.html: choose a network, a score and a condition; see the condition's
// pictures under every score.

const chart = JSON.parse(document.getElementById("chart-data").textContent);
const shown = JSON.parse(document.getElementById("chart-spec").textContent);
const at = new Map(chart.conditions.map((condition, place) => [condition.id, place]));
const choice = Object.fromEntries(["network", "score", "condition"].map((name) =>
  [name, document.getElementById(`chart-${name}`)]));
const place = document.getElementById("chart");
const tip = document.getElementById("chart-tip");
const MINUS = "\u2212";
let view = null;

function number(value, digits = 3) {
  return value === null ? "not defined" : Number(value.toPrecision(digits)).toString().replace("-", MINUS);
}

function interval([value, lo, hi]) {
  if (value === null) return "not estimable";
  const text = (x) => x.toFixed(2).replace("-", MINUS);
  return lo === null ? text(value) : `${text(value)} [${text(lo)}, ${text(hi)}]`;
}

const network = () => chart.networks.find((one) => one.name === choice.network.value);
const score = () => chart.scores.find((one) => one.id === choice.score.value);

function rows() {
  return chart.conditions.map((condition, k) => ({
    ...condition,
    quality: score().means[k],
    ...Object.fromEntries(["accuracy", "lo", "hi", "n"].map((name) => [name, network()[name][k]])),
  }));
}

function summary(k) {
  const of = network();
  const right = Math.round(of.accuracy[k] * of.n[k] / 100);
  return `${of.title} got ${right} of ${of.n[k]} pictures right: ${of.accuracy[k].toFixed(0)} % `
    + `[${of.lo[k].toFixed(0)}, ${of.hi[k].toFixed(0)}]; mean ${score().title}: `
    + `${number(score().means[k])}`;
}

function thumbnail(picture, k) {
  const uri = chart.pictures.thumbnails[picture]?.[k];
  if (!uri) return null;
  return Object.assign(new Image(88, 88), { src: uri,
    alt: `${chart.pictures.labels[picture]}, ${chart.conditions[k].title}` });
}

function verdict(picture, k) {
  return chart.pictures.right[choice.network.value][picture][k] ? "right" : "wrong";
}

// Beside the pointer, and out of its way.
function showTip(event, item) {
  const k = item?.datum?.id === undefined ? undefined : at.get(item.datum.id);
  tip.hidden = k === undefined;
  if (tip.hidden) return;
  const title = element("strong", {}, chart.conditions[k].title);
  const images = element("span", { class: "thumbnails" });
  chart.pictures.ids.forEach((_, picture) => {
    const image = thumbnail(picture, k);
    if (image) images.append(image);
  });
  tip.replaceChildren(title, element("span", {}, summary(k)), images);
  const left = Math.min(event.clientX + 16, window.innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 16 + tip.offsetHeight < window.innerHeight;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${below ? event.clientY + 16 : Math.max(8, event.clientY - tip.offsetHeight - 16)}px`;
}

// The pictures of the chosen condition, a column per picture, a row per score.
function showPictures() {
  const k = at.get(choice.condition.value);
  document.getElementById("chart-condition-title").textContent = chart.conditions[k].title;
  document.getElementById("chart-summary").textContent = `${summary(k)}.`;
  const table = document.getElementById("chart-pictures");
  const head = element("tr");
  head.append(element("th", { scope: "col" }, "Score"));
  const outcome = element("tr");
  outcome.append(element("th", { scope: "row" }, `${network().title} is`));
  chart.pictures.ids.forEach((id, picture) => {
    const column = element("th", { scope: "col" }, "");
    const image = thumbnail(picture, k);
    if (image) column.append(image);
    column.append(element("span", {}, chart.pictures.labels[picture]),
      element("span", { class: "id" }, id));
    head.append(column);
    outcome.append(element("td", { class: verdict(picture, k) }, verdict(picture, k)));
  });
  table.tHead.replaceChildren(head);
  table.tBodies[0].replaceChildren(outcome, ...chart.scores.map((one) => {
    const row = element("tr", one.id === choice.score.value ? { class: "chosen" } : {});
    row.append(element("th", { scope: "row" }, one.title),
      ...chart.pictures.ids.map((_, picture) =>
        element("td", { class: "n" }, number(chart.pictures.scores[one.id][picture][k], 4))));
    return row;
  }));
}

function showPair() {
  const fit = chart.fits[choice.network.value]?.[choice.score.value];
  document.getElementById("chart-pair").textContent = fit
    ? `AUC ${interval(fit.auc)} on ${chart.held_out}; SRCC ${interval(fit.srcc)} over conditions `
      + `(corruptions as units).${fit.circular ? " Circular: the two share weights." : ""}`
    : "";
}

function coloured() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  const [ink, soft, line] = ["--ink", "--soft", "--line"].map(of);
  return {
    // The page's own, so that a saved picture can be read wherever it is put.
    background: of("--page"),
    font: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
    title: { color: ink, subtitleColor: soft, fontSize: 13 },
    axis: { labelColor: ink, titleColor: ink, gridColor: line, domainColor: soft, tickColor: soft,
      labelFontSize: 11, titleFontSize: 12 },
    legend: { labelColor: ink, titleColor: ink },
    text: { color: ink }, rule: { color: ink }, style: { chosen: { stroke: ink } },
  };
}

async function drawChart() {
  const narrow = place.clientWidth < 980;
  const spec = structuredClone(shown);
  const [scatter, cells] = spec.hconcat;
  if (narrow) {
    spec.vconcat = spec.hconcat;
    delete spec.hconcat;
  }
  scatter.width = Math.min(scatter.width, Math.max(180, place.clientWidth - (narrow ? 200 : 560)));
  if (place.clientWidth < 600) {
    // The heat map's names take 130 pixels; the scatter stands above its cells.
    scatter.width = cells.width = Math.max(160, place.clientWidth - 140);
    for (const layer of scatter.layer) {
      for (const channel of ["color", "shape", "size"]) {
        const legend = layer.encoding?.[channel]?.legend;
        if (legend) Object.assign(legend, { orient: "bottom", columns: 2 });
      }
    }
  }
  if (matchMedia("(prefers-color-scheme: dark)").matches) {
    for (const { encoding } of scatter.layer) {
      if (encoding?.color?.scale?.range) encoding.color.scale.range = chart.corruptions.colours_on_dark;
    }
  }
  for (const layer of scatter.layer) if (layer.encoding?.x) layer.encoding.x.title = score().axis;
  scatter.title.text = `${network().title} against ${score().title}`;
  cells.title.text = `${network().title}: accuracy, %`;
  spec.datasets = { conditions: rows() };
  spec.config = { ...spec.config, ...coloured() };
  const made = await vegaEmbed(place, spec, { renderer: "svg", tooltip: false,
    downloadFileName: `${choice.network.value} ${choice.score.value}`,
    actions: { export: true, source: false, compiled: false, editor: false } });
  view = made.view;
  place.querySelector("summary").setAttribute("aria-label", "Save the chart");
  view.signal("chosen", choice.condition.value);
  view.addEventListener("mousemove", showTip);
  view.addEventListener("mouseout", () => { tip.hidden = true; });
  view.addEventListener("click", (_, item) => {
    if (item?.datum?.id !== undefined) {
      choice.condition.value = item.datum.id;
      choose();
    }
  });
  await view.runAsync();
  place.dataset.ready = "yes";
}

function choose() {
  showPictures();
  if (view) view.signal("chosen", choice.condition.value).run();
}

function redraw() {
  delete place.dataset.ready;
  showPair();
  showPictures();
  return drawChart();
}

for (const name of ["network", "score"]) choice[name].addEventListener("change", redraw);
choice.condition.addEventListener("change", choose);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
let width = place.clientWidth;
new ResizeObserver(() => {
  if (place.clientWidth !== width) {
    width = place.clientWidth;
    redraw();
  }
}).observe(place);
redraw();
