import uPlotStyle from 'uplot/dist/uPlot.min.css';
import { Html, html, jsonForScript, policyHash } from '../../lambda/endpoint/report/page/html';
import { PLOT_SCRIPT } from '../../lambda/endpoint/report/page/plot-script';
import pageScript from './draw.js';
import pageStyle from './page.css';
import type { PageContent, ShownCapture, ShownDashboard, ShownWidget } from './contracts';
import type { Line } from '../health/dashboard';
import type { Point } from '../health/metric-data';

const STYLE = `${uPlotStyle}\n${pageStyle}`;
const REFRESH_SECONDS = 10;
const SHOWN_SECONDS = 3600;
/** Of a dashboard. */
const COLUMNS = 24;
/** A style attribute would need a policy that lets in any style. */
const COLUMN_STYLE = Array.from({ length: COLUMNS }, (_, index) => `.w${index + 1} { grid-column: span ${index + 1}; }`).join('\n');

/**
 * Nothing is loaded, and nothing runs but what stands here: not even a script that came in the words of a device or of a widget's function,
 * whose HTML is shown as it is.
 */
export const PAGE_POLICY = [
  'default-src \'none\'', `style-src ${policyHash(STYLE)} ${policyHash(COLUMN_STYLE)}`, `script-src ${policyHash(PLOT_SCRIPT)} ${policyHash(pageScript)}`, 'img-src data:',
  'base-uri \'none\'', 'form-action \'none\'', 'frame-ancestors \'none\'',
].join('; ');

/** The page of a local cloud: its dashboards as the emulator's metrics draw them, devices, models and the last captures. */
export function pageHtml(content: PageContent): string {
  const graphs: Graph[] = [];
  const dashboards = content.dashboards.map((dashboard) => dashboardHtml(dashboard, graphs));
  const to = content.at.getTime() / 1000;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH_SECONDS}">
<title>Local cloud</title>
<style>${new Html(STYLE)}</style>
<style>${new Html(COLUMN_STYLE)}</style>
</head>
<body>
<header>
<h1>Local cloud</h1>
<p class="muted">${content.at.toISOString().slice(0, 19).replace('T', ' ')} UTC, anew each ${REFRESH_SECONDS} seconds</p>
</header>
<main>
${dashboards.length === 0 ? html`<p>No stack has a dashboard.</p>` : dashboards}
<div class="side">
<section><h2>Devices</h2>
${table(['Thing', 'Type', 'Certificates'], content.devices.map(({ name, type, certificates }) => [name, type, String(certificates)]))}</section>
<section><h2>Models</h2>
${table(['Model', 'Version', 'Predictions'], content.models.map(({ name, version, predictions }) => [name, version, String(predictions)]))}</section>
</div>
<section><h2>Last captures</h2>
${content.captures.length === 0 ? html`<p>None.</p>` : html`<div class="captures">
${content.captures.map(captureHtml)}</div>`}</section>
</main>
<script type="application/json" id="graphs">${jsonForScript(graphs.map((graph) => ({ ...graph, from: to - SHOWN_SECONDS, to })))}</script>
<script>${new Html(PLOT_SCRIPT)}</script>
<script>${new Html(pageScript)}</script>
</body>
</html>
`.text;
}

/** As uPlot takes it: seconds since 1970, and a value for each or none. */
interface Graph {
  readonly id: string;
  readonly times: readonly number[];
  readonly lines: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
}

function dashboardHtml({ name, widgets }: ShownDashboard, graphs: Graph[]): Html {
  return html`<section><h2>${name}</h2>
<div class="widgets">
${widgets.map((shown) => html`<div class="widget w${Math.min(COLUMNS, shown.widget.columns)}"><h3>${shown.widget.title}</h3>${widgetHtml(shown, graphs)}</div>
`)}</div></section>
`;
}

function widgetHtml(shown: ShownWidget, graphs: Graph[]): Html {
  if ('html' in shown) {
    return new Html(shown.html);
  }
  const { widget: { kind, lines, unit }, points } = shown;
  const latest = lines.map((line, index) => ({ label: line.label, value: points[index]?.at(-1)?.value, factor: line.factor }));
  if (kind === 'graph' && points.some((each) => each.length > 0)) {
    const graph = graphOf(`graph-${graphs.length}`, lines, points);
    graphs.push(graph);
    const words = latest.map(({ label, value, factor }) => `${label}: ${number(value, factor)}`).join(', ');
    return html`<p class="muted">${unit}</p><div id="${graph.id}" role="img" aria-label="${words}"></div>`;
  }
  return html`<div class="numbers">${latest.map(({ label, value, factor }) => html`<span><b>${number(value, factor)}</b>${label}</span>`)}</div>`;
}

function graphOf(id: string, lines: readonly Line[], points: readonly (readonly Point[])[]): Graph {
  const times = [...new Set(points.flatMap((each) => each.map(({ at }) => at)))].sort((one, other) => one - other);
  return {
    id,
    times: times.map((at) => at / 1000),
    lines: lines.map(({ label, factor }, index) => {
      const values = new Map(points[index]?.map(({ at, value }) => [at, value * factor]));
      return { label, values: times.map((at) => values.get(at) ?? null) };
    }),
  };
}

function captureHtml({ device, model, time, words, pictures }: ShownCapture): Html {
  return html`<figure>
${pictures.map((picture, index) => html`<img alt="input ${index + 1} of a prediction of ${model}" src="data:image/png;base64,${picture.toString('base64')}">`)}
<figcaption>${device}, ${model}, ${time}</figcaption>
${words.map((line) => html`<p>${line}</p>`)}</figure>
`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): Html {
  return rows.length === 0 ? html`<p>None.</p>` : html`<table><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>
`)}</tbody></table>`;
}

function number(value: number | undefined, factor: number): string {
  return value === undefined ? '–' : String(Number((value * factor).toPrecision(4)));
}
