// What every benchmark ends with: a table to read, and its figures as JSON in docs/figures/, some as pictures, too.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform, totalmem } from "node:os";
import { join, resolve } from "node:path";

import { needed } from "./needed.mts";

/** Grouped bars. */
export interface Chart {
  title: string;
  subtitle?: string;
  /** Of the values, as the axis says it. */
  unit: string;
  /** Categories on the x axis. */
  groups: readonly string[];
  /** Of each series one value for each group; `null` leaves the bar out. */
  series: readonly { name: string; values: readonly (number | null)[] }[];
  /** Makes the value axis logarithmic: such an axis has no place for 0. */
  logarithmic?: boolean;
}

/** The part of echarts that is used; its own types are missing where bench/ isn't installed. */
interface Charts {
  init(
    element: null,
    theme: null,
    options: { renderer: "svg"; ssr: true; width: number; height: number },
  ): { setOption(option: object): void; renderToSVGString(): string; dispose(): void };
}

const WIDTH = 840;
const HEIGHT = 440;
/** With more bars than this their values stand upright, so that neighbours don't overlap. */
const BARS_WITH_ROOM = 16;
const INK = "#1f2328";
const GRID = "#d0d7de";
/** Okabe and Ito's, which most people can tell apart, on paper too. */
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"];

const require = createRequire(import.meta.url);
const folder = resolve(import.meta.dirname, "../docs/figures");

/** Writes docs/figures/<name>.json, and each chart as docs/figures/<name>-<n>.svg. */
export function writeFigure(name: string, figures: object, charts: readonly Chart[] = []): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  writeFileSync(file, prettied(file, { machine: machine(), ...figures }));
  for (const [index, chart] of charts.entries())
    writeFileSync(join(folder, `${name}-${index + 1}.svg`), drawn(chart));
}

/** Plain text with aligned columns, the first to the left, the others, which are figures, to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]): string =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? "";
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)].join(
    "\n",
  );
}

function machine(): object {
  const processors = cpus();
  return {
    cpus: processors.length,
    cpuModel: processors[0]?.model ?? "unknown",
    memoryGB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${platform()} ${arch()}`,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** The repository's check of its format covers docs/ as well. */
function prettied(file: string, content: object): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [require.resolve("prettier/bin/prettier.cjs"), "--stdin-filepath", file],
    { input: JSON.stringify(content, undefined, 2), encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`prettier refuses the figures:\n${stderr}`);
  return stdout;
}

function drawn(chart: Chart): string {
  // Not on load: measurements in this process are to do without its memory.
  const charts = needed("echarts") as Charts;
  const drawing = charts.init(null, null, {
    renderer: "svg",
    ssr: true,
    width: WIDTH,
    height: HEIGHT,
  });
  try {
    drawing.setOption(chartOption(chart));
    return `${drawing.renderToSVGString()}\n`;
  } finally {
    drawing.dispose();
  }
}

function chartOption({ title, subtitle, unit, groups, series, logarithmic }: Chart): object {
  const text = { color: INK, fontFamily: "sans-serif" };
  const crowded = groups.length * series.length > BARS_WITH_ROOM;
  const values = series.flatMap((one) => one.values).filter((value) => value !== null);
  return {
    animation: false,
    // Else a page in dark colours shows through, under dark letters.
    backgroundColor: "#ffffff",
    color: COLOURS,
    textStyle: text,
    title: {
      text: title,
      ...(subtitle === undefined ? {} : { subtext: subtitle }),
      left: 16,
      top: 12,
      textStyle: { ...text, fontSize: 17 },
      subtextStyle: { ...text, fontSize: 12, width: WIDTH - 32, overflow: "break" },
    },
    legend: {
      show: series.length > 1,
      bottom: 10,
      itemGap: 24,
      textStyle: { ...text, fontSize: 12 },
    },
    grid: {
      left: 20,
      right: 20,
      top: subtitle === undefined ? 80 : 100,
      bottom: series.length > 1 ? 46 : 20,
      containLabel: true,
    },
    xAxis: {
      type: "category",
      data: [...groups],
      axisTick: { show: false },
      axisLine: { lineStyle: { color: INK } },
      axisLabel: {
        ...text,
        fontSize: 12,
        interval: 0,
        width: Math.floor((WIDTH - 120) / groups.length),
        overflow: "break",
      },
    },
    yAxis: {
      type: logarithmic === true ? "log" : "value",
      // Bars grow from there, not from 1.
      ...(logarithmic === true ? { min: floorOf(values), startValue: floorOf(values) } : {}),
      name: unit,
      nameTextStyle: { ...text, fontSize: 12, align: "left" },
      axisLabel: { ...text, fontSize: 11, formatter: shown },
      splitLine: { lineStyle: { color: GRID } },
    },
    series: series.map((one) => ({
      type: "bar",
      name: one.name,
      data: one.values.map((value) => value ?? "-"),
      barMaxWidth: 72,
      label: {
        show: true,
        position: "top",
        ...text,
        fontSize: 11,
        formatter: ({ value }: { value: number | "-" }) => (value === "-" ? "" : shown(value)),
        ...(crowded ? { rotate: 90, align: "left", verticalAlign: "middle" } : {}),
      },
    })),
  };
}

/** Where a logarithmic axis begins, so that the smallest bar has a height. */
function floorOf(values: readonly number[]): number {
  return 10 ** Math.floor(Math.log10(Math.min(...values.filter((value) => value > 0)) / 2));
}

/** Three digits that count, thousands set apart. */
function shown(value: number): string {
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en", { maximumFractionDigits: Math.min(decimals, 6) });
}
