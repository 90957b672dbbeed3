// Draws voltage, current and temperature of a battery; asks the server anew for what one zooms into.
const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

async function load(box, from, to) {
  const url = new URL(box.dataset.series, location.href);
  url.searchParams.set("points", Math.max(400, box.clientWidth * 2));
  if (from !== undefined) {
    url.searchParams.set("from", new Date(from * 1000).toISOString());
    url.searchParams.set("to", new Date(to * 1000).toISOString());
  }
  const answer = await fetch(url, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

const HUES = { voltage_v: "--use", current_a: "--care", temperature_max_degc: "--recover", soc_frac: "--renew" };

function draw(box, answer) {
  box.replaceChildren();
  const names = Object.keys(answer.columns).filter(name => name !== "time");
  const series = names.map(name => ({
    label: answer.labels[name], scale: answer.units[name], stroke: color(HUES[name] ?? "--swap"), width: 1.2, spanGaps: false,
  }));
  const units = [...new Set(names.map(name => answer.units[name]))];
  const axes = units.map((unit, k) => ({
    scale: unit, label: unit, side: k % 2 ? 1 : 3, stroke: color("--soft"), grid: { show: k === 0, stroke: color("--line") }, size: 56, labelSize: 18,
  }));
  // Measurements that bear no date begin at the epoch: hours since the start are shown then.
  const isDated = answer.columns.time[0] > 157680000;
  const hours = seconds => `${Math.round(seconds / 36) / 100} h`;
  const round = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400, 604800];
  const undated = isDated ? {} : { incrs: round, values: (plot, ticks) => ticks.map(hours) };
  const options = {
    scales: { x: { time: isDated } },
    width: box.clientWidth, height: box.clientHeight - 40, series: [isDated ? {} : { value: (plot, seconds) => seconds === null ? "--" : hours(seconds) }, ...series],
    axes: [{ ...undated, stroke: color("--soft"), grid: { stroke: color("--line") } }, ...axes],
    cursor: { drag: { x: true, y: false } },
    hooks: {
      setSelect: [plot => {
        const from = plot.posToVal(plot.select.left, "x");
        const to = plot.posToVal(plot.select.left + plot.select.width, "x");
        if (plot.select.width > 4) show(box, from, to);
      }],
    },
  };
  new uPlot(options, [answer.columns.time, ...names.map(name => answer.columns[name])], box);
}

async function show(box, from, to) {
  try {
    box.answer = await load(box, from, to);
    draw(box, box.answer);
  } catch (error) {
    box.textContent = `${box.dataset.failed} (${error.message})`;
  }
}

addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll("[data-series]")) {
    show(box);
    box.addEventListener("dblclick", () => show(box));
    for (const event of ["resize", "themechange"]) addEventListener(event, () => box.answer && draw(box, box.answer));
  }
});
