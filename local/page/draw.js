// Draws the graphs of a dashboard. It runs in a browser, after uPlot and after the figures in #graphs.
(() => {
  const HEIGHT = 190;
  const COLORS = 6;
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = (values) => ({
    stroke: color('--muted'), grid: { stroke: color('--line'), width: 1 }, ticks: { stroke: color('--line'), width: 1 },
    font: '12px system-ui, sans-serif', ...values,
  });

  const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
  const shown = (value) => value === null || value === undefined ? '–' : short.format(value);

  for (const { id, from, to, times, lines } of JSON.parse(document.getElementById('graphs').textContent)) {
    const element = document.getElementById(id);
    const options = {
      width: element.clientWidth, height: HEIGHT,
      legend: { live: false },
      scales: { x: { range: [from, to] }, y: { range: (u, min, max) => [0, max * 1.08 || 1] } },
      axes: [axis({}), axis({ size: 62, values: (u, splits) => splits.map(shown) })],
      series: [
        { label: 'time' },
        ...lines.map(({ label, values }, index) => ({
          label: `${label}: ${shown(values.findLast((value) => value !== null))}`,
          stroke: color(`--series-${index % COLORS + 1}`), width: 2, spanGaps: true, points: { show: true, size: 6 },
        })),
      ],
    };
    new uPlot(options, [times, ...lines.map(({ values }) => values)], element);
  }
})();
