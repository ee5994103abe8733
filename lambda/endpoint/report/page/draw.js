// Draws the plots of a report. It runs in a browser, after uPlot and after the figures in #plots; without it the tables are there.
(() => {
  const HEIGHT = 220;
  const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5]; // users are whole numbers
  const plots = JSON.parse(document.getElementById('plots').textContent);
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const drawn = [];

  const axis = (values) => ({
    stroke: color('--muted'), grid: { stroke: color('--line'), width: 1 }, ticks: { stroke: color('--line'), width: 1 },
    font: '12px system-ui, sans-serif', ...values,
  });

  /** The range that the article advises, behind the lines. */
  const band = ([from, to]) => ({
    hooks: {
      drawClear: (u) => {
        const { left, width, top, height } = u.bbox;
        const y = (value) => Math.min(top + height, Math.max(top, u.valToPos(value, 'y', true)));
        u.ctx.save();
        u.ctx.fillStyle = color('--band');
        u.ctx.fillRect(left, y(to), width, y(from) - y(to));
        u.ctx.restore();
      },
    },
  });

  const draw = (plot) => {
    const element = document.getElementById(plot.id);
    const options = {
      width: element.clientWidth, height: HEIGHT,
      scales: { x: { time: false }, y: { range: (u, min, max) => [0, Math.max(plot.top || 0, max * 1.08) || 1] } },
      axes: [axis({ incrs: WHOLE, label: 'users', labelSize: 18, labelFont: '12px system-ui, sans-serif' }), axis({ size: 62 })],
      series: [
        { label: 'users' },
        ...plot.series.map(({ label }, index) => ({
          label, stroke: color(`--series-${index + 1}`), width: 2, spanGaps: true, points: { show: true, size: 7 },
          dash: [[], [6, 3], [2, 3]][index],
          value: (u, value) => value === null || value === undefined ? '–' : `${+value.toFixed(2)} ${plot.unit}`,
        })),
      ],
      plugins: plot.band ? [band(plot.band)] : [],
    };
    return new uPlot(options, [plot.users, ...plot.series.map(({ values }) => values)], element);
  };

  const redraw = () => {
    for (const plot of drawn.splice(0)) {
      plot.destroy();
    }
    drawn.push(...plots.map(draw));
  };

  redraw();
  let timer;
  addEventListener('resize', () => {
    clearTimeout(timer);
    timer = setTimeout(redraw, 150);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
})();
