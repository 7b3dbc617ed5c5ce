// Numbers and times in the reader's form, and the drawings. Every word and figure is in the page without it.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);

const forms = {
  number: { maximumFractionDigits: 2 },
  percent: { style: "percent", maximumFractionDigits: 1 },
  seconds: { style: "unit", unit: "second", unitDisplay: "short", maximumFractionDigits: 2 },
  wib: { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Jakarta" },
  day: { dateStyle: "medium", timeZone: "UTC" },
};
const count = (value, form = "number") => new Intl.NumberFormat(undefined, forms[form]).format(value);
const date = (value, form) => new Intl.DateTimeFormat(undefined, forms[form]).format(new Date(value));
const day = (value) => date(value, "day");
const time = (value) => `${date(value, "wib")} WIB`;

const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
const bytes = (value) => {
  const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), 3);
  const form = { style: "unit", unit: units[power], unitDisplay: "short", maximumFractionDigits: power ? 1 : 0 };
  return new Intl.NumberFormat(undefined, form).format(value / 1000 ** power);
};

for (const element of document.querySelectorAll("data")) {
  const { form } = element.dataset;
  element.textContent = form === "bytes" ? bytes(element.value) : count(element.value, form);
}
for (const element of document.querySelectorAll("time")) {
  element.textContent = element.dateTime.length === 10 ? day(element.dateTime) : time(element.dateTime);
}

// A drawing is made again when its place gets another width. `about` is what is heard in place of it.
const place = (box, about, draw) => {
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", about);
  new ResizeObserver(([{ contentRect }]) => {
    const width = Math.floor(contentRect.width);
    if (width && width !== Number(box.dataset.width)) {
      box.dataset.width = width;
      box.replaceChildren(draw(width));
    }
  }).observe(box);
};

const plot = (options) => {
  const drawn = Plot.plot({ className: "drawn", style: { fontSize: "12px", background: "none" }, ...options });
  drawn.setAttribute("aria-hidden", "true");
  return drawn;
};

const figure = (name, draw) => {
  const found = document.querySelector(`[data-plot=${name}]`);
  if (found) draw(found.querySelector(".plot"), found.querySelector("h3").textContent);
};

const multiples = (box, each) => {
  box.classList.add("plots");
  for (const { name, told, alarm, draw } of each) {
    const [part, title, line, inner] = ["div", "h4", "p", "div"].map((tag) => document.createElement(tag));
    title.textContent = name;
    title.dir = "auto";
    line.textContent = told;
    part.classList.toggle("alarm", Boolean(alarm));
    part.append(title, line, inner);
    box.append(part);
    place(inner, `${name}: ${told}`, draw);
  }
};

const TODAY = "var(--today)";
const BEFORE = "var(--before)";
const LINE = "var(--line)";
const BAD = "var(--bad)";
const sum = (values) => values.reduce((all, value) => all + value, 0);
const whole = { ticks: 4, tickFormat: (value) => (Number.isInteger(value) ? count(value) : ""), label: null };

// Articles by day: what earlier runs stored below, this run's above it.
const stacked = (articles) =>
  data.days.map((at) => {
    const there = articles.filter((each) => each.day === at);
    const [before, fresh] = [sum(there.map((each) => each.before)), sum(there.map((each) => each.fresh))];
    return { at: new Date(at), before, fresh, told: `${day(at)}\n${count(before + fresh)} stored, ${count(fresh)} by this run` };
  });

const bars = (rows) => [
  Plot.rectY(rows, { x: "at", interval: "day", y: "before", fill: BEFORE, inset: 0.5 }),
  Plot.rectY(rows, { x: "at", interval: "day", y1: "before", y2: (row) => row.before + row.fresh, fill: TODAY, inset: 0.5 }),
  Plot.ruleY([0], { stroke: LINE }),
];

const highest = (rows) => Math.max(1, ...rows.map((row) => row.before + row.fresh));

figure("days", (box, title) => {
  const rows = stacked(data.articles);
  place(box, title, (width) =>
    plot({
      width,
      height: 220,
      marginLeft: 44,
      x: { type: "utc", label: null, ticks: Math.max(2, Math.floor(width / 110)), tickFormat: (at) => date(at, "day") },
      y: { ...whole, domain: [0, highest(rows)], grid: true },
      marks: [
        ...bars(rows),
        Plot.tip(rows, Plot.pointerX({ x: (row) => +row.at + 432e5, y: (row) => row.before + row.fresh, title: "told", lineHeight: 1.3 })),
      ],
    }),
  );
});

figure("subsections", (box) => {
  const names = [...new Set(data.articles.map((each) => each.subsection))];
  const each = names.map((name) => ({ name, rows: stacked(data.articles.filter((one) => one.subsection === name)) }));
  const most = Math.max(...each.map(({ rows }) => highest(rows)));
  const all = (rows) => sum(rows.map((row) => row.before + row.fresh));
  multiples(
    box,
    each
      .sort((a, b) => all(b.rows) - all(a.rows))
      .map(({ name, rows }) => {
        const told = `${count(all(rows))}, ${count(sum(rows.map((row) => row.fresh)))} by this run`;
        const draw = (width) =>
          plot({
            width,
            height: 64,
            margin: 2,
            x: { type: "utc", axis: null },
            y: { axis: null, domain: [0, most] },
            marks: bars(rows),
          });
        return { name, told, draw };
      }),
  );
});

figure("fields", (box) =>
  multiples(
    box,
    data.fields.map(({ name, shares, alarms }) => {
      const rows = shares.map((share, at) => ({ at, share, alarm: alarms[at] }));
      const today = shares.at(-1);
      const told = today === null ? "no figure" : count(today, "percent");
      const draw = (width) =>
        plot({
          width,
          height: 56,
          margin: 6,
          x: { axis: null, domain: [0, Math.max(1, rows.length - 1)] },
          y: { axis: null, domain: [0, 1] },
          marks: [
            Plot.ruleY([0, 1], { stroke: LINE }),
            Plot.lineY(rows, { x: "at", y: "share", stroke: BEFORE, strokeWidth: 2 }),
            Plot.dot(rows, { x: "at", y: "share", r: 1.5, fill: BEFORE }),
            Plot.dot(rows.slice(-1), { x: "at", y: "share", r: 4, fill: TODAY }),
            Plot.dot(rows.filter((row) => row.alarm), { x: "at", y: (row) => row.share ?? 0, r: 3.5, symbol: "triangle", fill: BAD }),
          ],
        });
      return { name, told: alarms.at(-1) ? `${told}, alarm` : told, alarm: alarms.at(-1), draw };
    }),
  ),
);

figure("traffic", (box) => {
  box.classList.add("wide");
  multiples(
    box,
    [
      ["Pages", "pages", count],
      ["Bytes", "bytes", bytes],
    ].map(([name, key, shown]) => {
      const told = `this run: ${shown(data.runs.at(-1)[key])}`;
      const rows = data.runs.map((run) => ({ ...run, run: String(run.run), told: `run ${run.run}, ${time(run.started)}\n${shown(run[key])}` }));
      const draw = (width) =>
        plot({
          width,
          height: 160,
          marginLeft: 56,
          x: { label: null, domain: rows.map((row) => row.run), ticks: rows.map((row) => row.run).filter((_, at) => (rows.length - 1 - at) % 5 === 0) },
          y: { label: null, domain: [0, Math.max(1, ...rows.map((row) => row[key]))], ticks: 4, tickFormat: shown, grid: true },
          marks: [
            Plot.barY(rows, { x: "run", y: key, fill: (row) => (row.run === rows.at(-1).run ? TODAY : BEFORE) }),
            Plot.ruleY([0], { stroke: LINE }),
            Plot.tip(rows, Plot.pointerX({ x: "run", y: key, title: "told", lineHeight: 1.3 })),
          ],
        });
      return { name, told, draw };
    }),
  );
});

figure("latency", (box, title) => {
  const label = ({ name }) => (name === "inf" ? "longer" : `≤ ${count(name, "seconds")}`);
  const rows = data.latency.map((each) => ({ ...each, label: label(each) }));
  place(box, title, (width) =>
    plot({
      width,
      height: 26 * rows.length + 40,
      marginLeft: 72,
      x: { label: null, tickFormat: (value) => count(value, "percent"), ticks: 5, grid: true },
      y: { label: null, domain: rows.map((row) => row.label) },
      marks: [
        Plot.barX(rows, { y: "label", x: "today", fill: TODAY, fillOpacity: 0.75 }),
        Plot.tickX(rows.filter((row) => row.usual), { y: "label", x: "usual", stroke: "var(--ink)", strokeWidth: 2.5 }),
        Plot.ruleX([0], { stroke: LINE }),
      ],
    }),
  );
});

// A year is a row of weeks; a week is a column that begins on Monday.
const DAY = 864e5;
const MONTHS = new Map(Array.from({ length: 12 }, (_, month) => [Math.floor(month * 4.35), new Date(Date.UTC(2001, month, 1))]));
figure("calendar", (box, title) => {
  const cells = data.calendar.map(([at, stored, gap]) => {
    const there = new Date(at);
    const first = Date.UTC(there.getUTCFullYear(), 0, 1);
    const shift = (new Date(first).getUTCDay() + 6) % 7;
    const number = (there - first) / DAY + shift;
    const told = `${day(at)}\n${count(stored)} stored${gap ? `\n${gap}` : ""}`;
    return { year: there.getUTCFullYear(), week: Math.floor(number / 7), weekday: number % 7, stored, gap, told };
  });
  const years = [...new Set(cells.map((cell) => cell.year))].sort((a, b) => b - a);
  const most = Math.max(1, ...cells.map((cell) => cell.stored));
  place(box, title, (width) => {
    const left = 40;
    const side = Math.min(16, (width - left) / 54);
    const inset = side > 8 ? 1 : 0.4;
    const form = new Intl.DateTimeFormat(undefined, { month: side > 8 ? "short" : "narrow", timeZone: "UTC" });
    const month = (week) => form.format(MONTHS.get(week));
    const at = { fy: "year", x: "week", y: "weekday", inset };
    return plot({
      width: Math.ceil(left + side * 54),
      height: Math.ceil(years.length * (side * 7 + 14) + 24),
      marginLeft: left,
      marginRight: 0,
      marginTop: 20,
      marginBottom: 4,
      x: { axis: "top", domain: Array.from({ length: 54 }, (_, week) => week), padding: 0, label: null, tickSize: 0, ticks: [...MONTHS.keys()], tickFormat: month },
      y: { axis: null, domain: [0, 1, 2, 3, 4, 5, 6], padding: 0 },
      fy: { label: null, domain: years, axis: "left", padding: 0.12, tickFormat: String },
      opacity: { type: "identity" },
      marks: [
        Plot.cell(cells.filter((cell) => !cell.stored), { ...at, fill: "none", stroke: LINE }),
        Plot.cell(cells.filter((cell) => cell.stored), { ...at, fill: TODAY, fillOpacity: (cell) => 0.2 + 0.8 * Math.sqrt(cell.stored / most) }),
        Plot.dot(cells.filter((cell) => cell.gap), { ...at, symbol: "times", r: Math.max(1.5, side / 3.5), stroke: BAD, strokeWidth: 2 }),
        Plot.tip(cells, Plot.pointer({ ...at, title: "told", lineHeight: 1.3 })),
      ],
    });
  });
});
