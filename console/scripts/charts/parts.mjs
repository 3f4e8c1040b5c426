// What is drawn beside bars and lines: intervals, and values where they belong.

// Of the Government Analysis Function's palette, or of the colours that the person has chosen.
export function colours() {
  if (window.matchMedia("(forced-colors: active)").matches) {
    return { first: "Highlight", second: "CanvasText", third: "CanvasText", quiet: "GrayText", band: "GrayText", whisker: "CanvasText", text: "CanvasText", grid: "GrayText", edge: "CanvasText", paper: "Canvas" };
  }
  return { first: "#12436d", second: "#28a197", third: "#f46a25", quiet: "#bfbfbf", band: "rgba(18, 67, 109, 0.16)", whisker: "#0b0c0c", text: "#0b0c0c", grid: "#e5e6e7", edge: "", paper: "#ffffff" };
}

// The interval of each month, as a band behind the line.
export function band(rows, colour) {
  return {
    id: "band",
    beforeDatasetsDraw({ ctx, scales: { x, y } }) {
      ctx.save();
      ctx.fillStyle = colour.band;
      for (let place = 0; place + 1 < rows.length; place += 1) {
        const [here, next] = [rows[place], rows[place + 1]];
        if (here.low === null || next.low === null) continue;
        ctx.beginPath();
        ctx.moveTo(x.getPixelForValue(place), y.getPixelForValue(here.high));
        ctx.lineTo(x.getPixelForValue(place + 1), y.getPixelForValue(next.high));
        ctx.lineTo(x.getPixelForValue(place + 1), y.getPixelForValue(next.low));
        ctx.lineTo(x.getPixelForValue(place), y.getPixelForValue(here.low));
        ctx.fill();
      }
      ctx.restore();
    },
  };
}

// The last value of each line, at its end, with its name where there are several.
export function endLabels(rows, colour) {
  return {
    id: "endLabels",
    afterDatasetsDraw(chart) {
      const { ctx, data } = chart;
      ctx.save();
      ctx.fillStyle = colour.text;
      ctx.textBaseline = "middle";
      const ends = data.datasets.map((set, at) => {
        const last = set.data.findLastIndex((value) => value !== null);
        const point = chart.getDatasetMeta(at).data[last];
        const shown = last < 0 ? "" : at === 0 ? rows[last].shown : `${Math.round(set.data[last] * 1000) / 10}%`;
        return { x: point?.x, y: point?.y, text: set.label ? `${set.label} ${shown}` : shown };
      }).filter((end) => end.x !== undefined).sort((one, other) => one.y - other.y);
      ctx.font = "bold 14px Arial, sans-serif";
      let above = -Infinity;
      for (const end of ends) {
        above = Math.max(end.y, above + 18);
        ctx.fillText(end.text, end.x + 8, above);
      }
      ctx.restore();
    },
  };
}

// The interval of each bar as a line with ends, and its value behind it. `stack`: at the end of the whole bar.
export function whiskers(rows, colour, stack = false) {
  return {
    id: "whiskers",
    afterDatasetsDraw(chart) {
      const { ctx, scales: { x } } = chart, ends = chart.getDatasetMeta(stack ? chart.data.datasets.length - 1 : 0).data;
      ctx.save();
      ctx.strokeStyle = colour.whisker;
      ctx.fillStyle = colour.text;
      ctx.lineWidth = 1.5;
      ctx.font = "bold 14px Arial, sans-serif";
      ctx.textBaseline = "middle";
      rows.forEach((row, place) => {
        const bar = ends[place];
        let end = Number.isFinite(bar.x) ? bar.x : x.left;
        if (row.low !== null && row.low !== undefined) {
          const [from, to] = [x.getPixelForValue(row.low), x.getPixelForValue(row.high)];
          // A light line under the dark one: it shows on the bar as well as beside it.
          for (const [width, style] of [[4, colour.paper], [1.5, colour.whisker]]) {
            ctx.lineWidth = width;
            ctx.strokeStyle = style;
            ctx.beginPath();
            ctx.moveTo(from, bar.y);
            ctx.lineTo(to, bar.y);
            ctx.moveTo(from, bar.y - 5);
            ctx.lineTo(from, bar.y + 5);
            ctx.moveTo(to, bar.y - 5);
            ctx.lineTo(to, bar.y + 5);
            ctx.stroke();
          }
          end = Math.max(end, to);
        }
        if (row.shown || row.value === null) ctx.fillText(row.shown || "too few", end + 8, bar.y);
      });
      ctx.restore();
    },
  };
}
