import uPlotStyle from 'uplot/dist/uPlot.min.css';
import { comparisonRows } from '../comparison';
import { factsOf, stepRows, titleOf, type Row } from '../table';
import { Html, html, jsonForScript, policyHash } from './html';
import pageStyle from './page.css';
import pageScript from './draw.js';
import { PLOT_SCRIPT } from './plot-script';
import { describePlot, plotsOf, type Plot } from './plots';
import type { CloudAnalysis, EdgeAnalysis, Outcome, Report } from '../report';

const OUTCOMES = { 'met': 'Passed', 'not-met': 'Not met', 'inconclusive': 'Inconclusive' } as const satisfies Record<Outcome, string>;

const STYLE = `${uPlotStyle}\n${pageStyle}`;

/** Nothing is loaded, and nothing runs but what stands here: not even a script that got into the page in spite of the escaping. */
const POLICY = [
  'default-src \'none\'', `style-src ${policyHash(STYLE)}`, `script-src ${policyHash(PLOT_SCRIPT)} ${policyHash(pageScript)}`, 'base-uri \'none\'', 'form-action \'none\'',
].join('; ');

/** The report as one page that needs no network: plots by uPlot, and tables that need no script. */
export function reportHtml(report: Report): string {
  const sides = [report.cloud, report.edge].filter((side) => side !== undefined);
  const plots = sides.map(({ run }) => plotsOf(run));
  const comparison = comparisonRows(report);
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Load test: ${sides.map(({ run }) => run.kind === 'endpoint' ? run.endpointName : run.deviceName).join(' and ')}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>
<h1>Load test</h1>
${sides.map(({ run }) => html`<p>${titleOf(run)}</p>
<p class="muted">Run ${run.runId}, ${run.startedAt} to ${run.endedAt ?? 'now'}, ${run.payloads.count} payload(s) of ${Math.round(run.payloads.bytes)} bytes, ${run.contentType}</p>
`)}</header>
<main>
<div class="verdict ${report.outcome}"><strong>${OUTCOMES[report.outcome]}</strong>${report.summary}</div>
${comparison === undefined ? '' : table('Edge beside cloud', 'comparison', comparison)}
${sides.map((side, index) => sideHtml(side, plots[index] ?? []))}
</main>
<footer><p class="muted">Made ${report.generatedAt} by cdk-sagemaker-edge. Figures: report.json, version ${report.version}.</p></footer>
<script type="application/json" id="plots">${jsonForScript(plots.flat())}</script>
<script>${new Html(PLOT_SCRIPT)}</script>
<script>${new Html(pageScript)}</script>
</body>
</html>
`.text;
}

function sideHtml(side: CloudAnalysis | EdgeAnalysis, plots: readonly Plot[]): Html {
  const { run, verdict } = side;
  const name = run.kind === 'endpoint' ? 'Endpoint' : 'Device';
  return html`<section>
<h2>${name}: what it bears</h2>
<div class="table"><table class="facts"><tbody>
${factsOf(side).map((fact) => html`<tr><th scope="row">${fact.name}</th><td>${fact.value}</td></tr>
`)}</tbody></table></div>
${'scalingPolicy' in side && side.scalingPolicy !== undefined ? html`<h2>Scaling policy</h2>
<pre><code>${side.scalingPolicy.code}</code></pre>
` : ''}<h2>${name}: why</h2>
<p>${verdict.sentence}</p>
<ul>
${verdict.evidence.map((line) => html`<li>${line}</li>
`)}</ul>
<h2>${name}: plots over users</h2>
<noscript><p>The plots need JavaScript. The table below has their figures.</p></noscript>
<div class="plots">
${plots.map((plot) => html`<figure><figcaption>${plot.title}, ${plot.unit}</figcaption><div id="${plot.id}" role="img" aria-label="${describePlot(plot)}"></div></figure>
`)}</div>
<h2>${name}: steps</h2>
${table('Latency in milliseconds. CPU in percent of all cores.', 'steps', stepRows(run))}
</section>
`;
}

function table(caption: string, kind: 'comparison' | 'steps', [head = [], ...rows]: readonly Row[]): Html {
  return html`<div class="table ${kind}" role="region" tabindex="0" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>
${rows.map(([first = '', ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>
`)}</tbody></table></div>
`;
}
