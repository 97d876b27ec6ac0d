// SPDX-License-Identifier: Apache-2.0
// Numbers by day: a picture for who sees it, and the same as a table for everybody.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useEffect, useId, useRef } from "preact/hooks";
import * as format from "../format";
import { useSharedWords } from "../i18n/shared";
import { useStore } from "../store";
import { scheme } from "../theme/theme";
import { Table } from "./table";

export interface Series {
  name: string;
  values: readonly number[];
}

const height = 220;
const styles = ["--plum", "--good", "--wait", "--bad"] as const;
const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3]]; // told apart without colours, too

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function options(width: number, series: readonly Series[], days: readonly string[]): uPlot.Options {
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
  return {
    width, height, legend: { show: false }, cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(4, most)] } },
    axes: [
      { ...axis, values: (_, at) => at.map((i) => (Number.isInteger(i) ? days[i]?.slice(5) ?? "" : "")) },
      { ...axis, size: 60, values: (_, at) => at.map((n) => (Number.isInteger(n) ? String(n) : "")) },
    ],
    series: [{}, ...series.map((one, i) => ({
      label: one.name, stroke: colour(styles[i % styles.length]!), width: 2, dash: dashes[i % dashes.length]!,
      points: { show: days.length < 62 },
    }))],
  };
}

export function Chart(props: { title: string; day: string; days: readonly string[]; series: readonly Series[] }) {
  const { t, language } = useSharedWords();
  const place = useRef<HTMLDivElement>(null);
  const shown = useStore(scheme);
  const id = useId();
  useEffect(() => {
    const into = place.current!;
    const data: uPlot.AlignedData = [props.days.map((_, i) => i), ...props.series.map((one) => [...one.values])];
    let plot: uPlot | null = null;
    const draw = () => {
      plot?.destroy();
      plot = new uPlot(options(into.clientWidth, props.series, props.days), data, into);
    };
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const watch = new ResizeObserver(draw);
    watch.observe(into);
    dark.addEventListener("change", draw);
    return () => {
      watch.disconnect();
      dark.removeEventListener("change", draw);
      plot?.destroy();
    };
  }, [props.days, props.series, shown, language]);
  const rows = props.days.map((name, i) => ({ name, i }));
  return (
    <figure aria-labelledby={id}>
      <figcaption id={id}>{props.title}</figcaption>
      <p class="legend" aria-hidden="true">{props.series.map((one, i) => (
        <span key={one.name} class={`series-${i}`}>{one.name}</span>
      ))}</p>
      <div ref={place} class="chart" aria-hidden="true" />
      <details>
        <summary>{t("chart.table")}</summary>
        <Table caption={props.title} rows={rows} id={(row) => row.name} empty=""
          columns={[{ name: props.day, of: (row) => row.name },
            ...props.series.map((one) => ({
              name: one.name, number: true, of: (row: { i: number }) => format.number(one.values[row.i] ?? 0, language),
            }))]} />
      </details>
    </figure>
  );
}
