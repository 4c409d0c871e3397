// What every benchmark ends with: a table to read, and its figures as JSON and as pictures in docs/figures/.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform, totalmem } from "node:os";
import { join, resolve } from "node:path";

import { format } from "prettier";

/** Grouped bars. */
export interface Chart {
  title: string;
  subtitle?: string;
  /** Of the values, as the axis shows it. */
  unit: string;
  /** Categories on the x axis. */
  groups: readonly string[];
  /** `null` leaves a bar out. */
  series: readonly { name: string; values: readonly (number | null)[] }[];
  /** Of the value axis; bars of 0 can't be shown on it. */
  logarithmic?: boolean;
}

/** The part of echarts that is used: its own types are there only where bench/ is installed. */
interface Charts {
  init(
    element: null,
    theme: null,
    options: { renderer: "svg"; ssr: true; width: number; height: number },
  ): { setOption(option: object): void; renderToSVGString(): string; dispose(): void };
}

const WIDTH = 820;
const HEIGHT = 440;
const INK = "#1f2328";
const GRID = "#d0d7de";
// Told apart by people who don't see red and green, and on paper (Okabe and Ito).
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"];
const folder = resolve(import.meta.dirname, "../docs/figures");

/** Writes docs/figures/<name>.json, and <name>.svg or, of several charts, <name>-<n>.svg. */
export async function writeFigure(
  name: string,
  figures: object,
  charts: Chart | readonly Chart[],
): Promise<void> {
  const { init } = loadCharts();
  mkdirSync(folder, { recursive: true });
  const text = JSON.stringify({ machine: machine(), ...figures });
  writeFileSync(
    join(folder, `${name}.json`),
    await format(text, { parser: "json", printWidth: 100 }),
  );
  const all = "title" in charts ? [charts] : charts;
  for (const [index, chart] of all.entries()) {
    const file = all.length === 1 ? `${name}.svg` : `${name}-${index + 1}.svg`;
    const drawing = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height: HEIGHT });
    drawing.setOption(options(chart));
    writeFileSync(join(folder, file), `${drawing.renderToSVGString()}\n`);
    drawing.dispose();
  }
}
