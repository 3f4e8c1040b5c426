// Draws the charts that stand with the measures' tables. The numbers come from the tables' rows; without this script the tables say it all.
import { BarController, BarElement, CategoryScale, Chart, LinearScale, LineController, LineElement, PointElement, Tooltip } from "chart.js";
import { band, colours, endLabels, whiskers } from "./charts/parts.mjs";

Chart.register(BarController, BarElement, CategoryScale, LinearScale, LineController, LineElement, PointElement, Tooltip);
Chart.defaults.font.family = "Arial, sans-serif";
Chart.defaults.font.size = 14;
Chart.defaults.animation = false;

const AXIS = {
  share: (value) => `${Math.round(value * 1000) / 10}%`,
  pence: (value) => (value >= 100 ? `£${Math.round(value / 100).toLocaleString("en-GB")}` : `${Math.round(value)}p`),
  mean: (value) => String(Math.round(value * 100) / 100),
  days: (value) => `${value} d`,
  count: (value) => value.toLocaleString("en-GB"),
};

const number = (text) => (text === undefined ? null : Number(text));

function rowsOf(table) {
  return [...table.querySelectorAll("tbody tr[data-label]")].map(({ dataset }) => ({
    label: dataset.label, shown: dataset.shown, value: number(dataset.value), low: number(dataset.low), high: number(dataset.high),
    second: number(dataset.second), numerator: Number(dataset.numerator), denominator: Number(dataset.denominator),
    parts: (dataset.parts || "").split(" ").map(Number),
  }));
}

// A label in lines of a few words: narrow screens have no room beside the bars.
function lines(text, most) {
  const found = [""];
  for (const word of text.split(" ")) {
    const last = found[found.length - 1];
    if (last && last.length + word.length >= most) found.push(word);
    else found[found.length - 1] = last ? `${last} ${word}` : word;
  }
  return found;
}

const short = (label) => label.replace(/^(\w{3})\w* \d\d(\d\d)(, so far)?$/, "$1 $2");

function axis(unit, colour, more = {}) {
  return {
    beginAtZero: true, border: { display: false }, grid: { color: colour.grid },
    ticks: { color: colour.text, maxTicksLimit: 6, maxRotation: 0, callback: AXIS[unit] }, ...more,
  };
}

function plain(colour, more = {}) {
  return { grid: { display: false }, border: { color: colour.text }, ticks: { color: colour.text, autoSkip: false, ...more } };
}

// Intervals lie inside the chart, and a share never ends beyond all of it.
function highest(rows, unit) {
  const top = Math.max(...rows.map((row) => row.high ?? row.value ?? 0));
  return { suggestedMax: unit === "mean" ? 1 : top, max: unit === "share" && top > 0.8 ? 1 : undefined };
}

function trend(rows, unit, colour) {
  const datasets = [{ data: rows.map((row) => row.value), borderColor: colour.first, backgroundColor: colour.first, borderWidth: 3, pointRadius: 3, spanGaps: false }];
  if (rows.some((row) => row.second !== null)) {
    datasets[0].label = "Declared done";
    datasets.push({ ...datasets[0], label: "Confirmed", data: rows.map((row) => row.second), borderColor: colour.second, backgroundColor: colour.second, borderDash: [6, 4] });
  }
  return {
    type: "line",
    data: { labels: rows.map((row) => short(row.label)), datasets },
    options: { layout: { padding: { right: datasets.length > 1 ? 150 : 80, top: 16 } }, scales: { x: { ...plain(colour), ticks: { color: colour.text, maxRotation: 45 } }, y: axis(unit, colour, highest(rows, unit)) } },
    plugins: [band(rows, colour), endLabels(rows, colour)],
  };
}

function bars(rows, unit, colour, narrow) {
  return {
    type: "bar",
    data: {
      labels: rows.map((row) => lines(row.label, narrow ? 14 : 26)),
      datasets: [{ data: rows.map((row) => row.value), backgroundColor: colour.first, borderColor: colour.edge, borderWidth: colour.edge ? 1 : 0, barThickness: 20 }],
    },
    options: { indexAxis: "y", layout: { padding: { right: 70 } }, scales: { y: plain(colour), x: axis(unit, colour, highest(rows, unit)) } },
    plugins: [whiskers(rows, colour)],
  };
}

function stacked(labels, sets, colour, narrow, ends) {
  return {
    type: "bar",
    data: { labels: labels.map((label) => lines(label, narrow ? 14 : 26)), datasets: sets.map((set) => ({ ...set, borderColor: colour.paper, borderWidth: 1, barThickness: 20 })) },
    options: { indexAxis: "y", layout: { padding: { right: narrow ? 90 : 130, top: 4 } }, scales: { y: { ...plain(colour), stacked: true }, x: axis("count", colour, { stacked: true }) } },
    plugins: [whiskers(ends, colour, true)],
  };
}

function funnel(rows, unit, colour, narrow) {
  const sets = [
    { label: "Went on", data: rows.map((row) => row.denominator - row.numerator), backgroundColor: colour.first },
    { label: "Gave up", data: rows.map((row) => row.numerator), backgroundColor: colour.third },
  ];
  return stacked(rows.map((row) => row.label), sets, colour, narrow, rows.map((row) => ({ shown: row.shown ? `${row.shown} give up` : "" })));
}

function answers(rows, unit, colour, narrow) {
  const names = ["Fixed", "Not fixed, or partly", "Asked, no answer"], fills = [colour.first, colour.third, colour.quiet];
  const sets = names.map((label, place) => ({ label, data: rows.map((row) => row.parts[place]), backgroundColor: fills[place] }));
  return stacked(rows.map((row) => short(row.label)), sets, colour, narrow, []);
}

const KINDS = { trend, bars, funnel, answers };

// What the colours of a stack mean, in words beside them.
function key(box, config) {
  const names = config.data.datasets.filter((set) => set.label);
  if (config.type !== "bar" || names.length < 2) return;
  const list = document.createElement("ul");
  list.className = "console-chart__key";
  for (const set of names) {
    const item = document.createElement("li"), mark = document.createElement("span");
    mark.className = "console-chart__mark";
    mark.style.backgroundColor = set.backgroundColor;
    item.append(mark, set.label);
    list.append(item);
  }
  box.prepend(list);
}

function draw(box) {
  const rows = rowsOf(document.getElementById(box.dataset.table)), unit = box.dataset.unit, colour = colours();
  const drawable = rows.some((row) => row.value !== null || row.denominator > 0 || row.parts.some((part) => part > 0));
  if (!drawable || (box.dataset.chart === "trend" && rows.length < 2)) return;
  box.hidden = false;
  const narrow = box.clientWidth < 480, config = KINDS[box.dataset.chart](rows, unit, colour, narrow);
  const frame = document.createElement("div"), canvas = document.createElement("canvas");
  frame.className = "console-chart__frame";
  frame.style.height = config.type === "line" ? "280px" : `${config.data.labels.reduce((sum, label) => sum + Math.max(34, label.length * 18 + 10), 44)}px`;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", box.dataset.name);
  frame.append(canvas);
  box.replaceChildren(frame);
  key(box, config);
  const label = ({ dataset, dataIndex }) => `${dataset.label ? `${dataset.label}: ` : ""}${config.type === "line" || !dataset.label ? rows[dataIndex].shown : dataset.data[dataIndex].toLocaleString("en-GB")}`;
  new Chart(canvas, { ...config, options: { ...config.options, responsive: true, maintainAspectRatio: false, plugins: { tooltip: { displayColors: false, callbacks: { label } } } } });
}

function drawAll() {
  for (const chart of Object.values(Chart.instances)) chart.destroy();
  for (const box of document.querySelectorAll("[data-chart]")) draw(box);
}

drawAll();
window.matchMedia("(forced-colors: active)").addEventListener("change", drawAll);
addEventListener("beforeprint", () => Object.values(Chart.instances).forEach((chart) => chart.resize(680, chart.height)));
addEventListener("afterprint", () => Object.values(Chart.instances).forEach((chart) => chart.resize()));
if (document.querySelector("[data-counting]")) setTimeout(() => location.reload(), 2000);
