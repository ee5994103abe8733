import { PNG } from 'pngjs';
import type { PageContent } from '../../../local/page/contracts';

export const NOW = Date.UTC(2026, 10, 28, 12);

const series = (name: string) => ({
  namespace: 'EdgeFleet', name, statistic: 'Sum', periodSeconds: 300, dimensions: [{ Name: 'FleetName', Value: 'line' }],
});

/** What a device says of itself may be anything. */
export const WORDS = '<script>alert(1)</script>';

/** A page with one of each. */
export const CONTENT: PageContent = {
  at: new Date(NOW),
  dashboards: [{
    name: 'health', widgets: [
      { widget: { kind: 'numbers', title: 'Fleet', columns: 24, unit: '', lines: [{ label: 'reports', series: series('Reports'), factor: 1 }] }, points: [[{ at: NOW, value: 7 }]] },
      {
        widget: { kind: 'graph', title: 'Errors', columns: 12, unit: 'percent', lines: [
          { label: 'one', series: series('Errors'), factor: 100 }, { label: WORDS, series: series('Other'), factor: 1 },
        ] },
        points: [[{ at: NOW - 600_000, value: 0.5 }, { at: NOW, value: 0.25 }], [{ at: NOW - 300_000, value: 3 }]],
      },
      { widget: { kind: 'custom', title: 'Worst', columns: 24, functionArn: 'arn' }, html: '<table><tr><td>camera-7</td></tr></table>' },
    ],
  }],
  devices: [{ name: 'camera-1', type: 'camera', certificates: 1 }],
  models: [{ name: 'reader', version: '1.0', predictions: 12 }],
  captures: [{ device: 'camera-1', model: 'reader 1.0', time: '2026-11-28 11:59:00', words: [WORDS], pictures: [PNG.sync.write(new PNG({ width: 8, height: 8 }))] }],
};
