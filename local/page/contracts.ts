import type { Widget } from '../health/dashboard';
import type { Point } from '../health/metric-data';

/** A widget of a dashboard with what it shows now. */
export type ShownWidget =
  | { readonly widget: Exclude<Widget, { readonly kind: 'custom' }>; readonly points: readonly (readonly Point[])[] }
  | { readonly widget: Extract<Widget, { readonly kind: 'custom' }>; readonly html: string };

export interface ShownDashboard { readonly name: string; readonly widgets: readonly ShownWidget[] }

export interface ShownDevice { readonly name: string; readonly type: string; readonly certificates: number }

/** A model by the metrics of a dashboard. */
export interface ShownModel { readonly name: string; readonly version: string; readonly predictions: number }

export interface ShownCapture {
  readonly device: string;
  readonly model: string;
  readonly time: string;
  /** What the agent or the client said of it. */
  readonly words: readonly string[];
  /** PNG. */
  readonly pictures: readonly Buffer[];
}

/** What the page of a local cloud shows. */
export interface PageContent {
  readonly at: Date;
  readonly dashboards: readonly ShownDashboard[];
  readonly devices: readonly ShownDevice[];
  readonly models: readonly ShownModel[];
  readonly captures: readonly ShownCapture[];
}
