import { isRecord } from '../service/validator';

/** A metric of CloudWatch, with its statistic. */
export interface MetricSeries {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly { readonly Name: string; readonly Value: string }[];
  readonly statistic: string;
  readonly periodSeconds: number;
}

/** A line of a graph, or a number of a widget with numbers. */
export interface Line {
  readonly label: string;
  readonly series: MetricSeries;
  /** What each value is multiplied by: the only expression that the dashboards of this library have. */
  readonly factor: number;
}

/** A widget as the local page draws it. */
export type Widget = { readonly title: string; readonly columns: number } & (
  | { readonly kind: 'numbers' | 'graph'; readonly unit: string; readonly lines: readonly Line[] }
  | { readonly kind: 'custom'; readonly functionArn: string }
);

const PERIOD_SECONDS = 300;
const PRODUCT = /^(?<factor>\d+(?:\.\d+)?) \* (?<id>[a-z]\w*)$/;

/**
 * Reads the body of a dashboard. Throws where a widget is none that the dashboards of this library have: a page that left it out would
 * look whole.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export function readDashboard(body: string): Widget[] {
  const read: unknown = JSON.parse(body);
  if (!isRecord(read) || !Array.isArray(read.widgets)) {
    throw new Error(`the body of a dashboard has widgets, got ${body.slice(0, 200)}`);
  }
  return read.widgets.map(readWidget);
}

function readWidget(widget: unknown): Widget {
  const properties = isRecord(widget) && isRecord(widget.properties) ? widget.properties : undefined;
  if (!isRecord(widget) || properties === undefined) {
    throw new Error(`a widget has properties, got ${JSON.stringify(widget)}`);
  }
  const { title = '', view, metrics } = properties;
  const common = { title: String(title), columns: Number(widget.width ?? 6) };
  if (widget.type === 'custom' && typeof properties.endpoint === 'string') {
    return { ...common, kind: 'custom', functionArn: properties.endpoint };
  }
  if (widget.type !== 'metric' || (view !== 'singleValue' && view !== 'timeSeries') || !Array.isArray(metrics)) {
    throw new Error(`a widget is a custom one, or one of metrics with the view singleValue or timeSeries, got ${JSON.stringify(widget)}`);
  }
  const { yAxis } = properties;
  const left = isRecord(yAxis) && isRecord(yAxis.left) ? yAxis.left : {};
  return {
    ...common, kind: view === 'singleValue' ? 'numbers' : 'graph', unit: typeof left.label === 'string' ? left.label : '',
    lines: readLines(metrics.map(readEntry)),
  };
}

/** An entry of `metrics`: a metric, or an expression that names another entry. */
interface Entry {
  readonly id: string | undefined;
  readonly label: string;
  readonly visible: boolean;
  readonly series: MetricSeries | undefined;
  readonly expression: string | undefined;
}

function readEntry(entry: unknown): Entry {
  if (!Array.isArray(entry)) {
    throw new Error(`a metric of a widget is a list, got ${JSON.stringify(entry)}`);
  }
  const last: unknown = entry.at(-1);
  const options = isRecord(last) ? last : {};
  const names: unknown[] = isRecord(last) ? entry.slice(0, -1) : entry;
  const { id, label, visible = true, expression, stat = 'Average', period = PERIOD_SECONDS } = options;
  const [namespace, name, ...pairs] = names.map(nameOf);
  return {
    id: typeof id === 'string' ? id : undefined,
    label: typeof label === 'string' ? label : name ?? '',
    visible: visible !== false,
    expression: typeof expression === 'string' ? expression : undefined,
    series: namespace === undefined || name === undefined ? undefined : {
      namespace, name, statistic: String(stat), periodSeconds: Number(period),
      dimensions: pairs.flatMap((Name, index) => (index % 2 === 0 ? [{ Name, Value: pairs[index + 1] ?? '' }] : [])),
    },
  };
}

function nameOf(name: unknown): string {
  if (typeof name !== 'string' || name === '.' || name === '...') {
    throw new Error(`a metric is written out, without the short forms . and ..., got ${JSON.stringify(name)}`);
  }
  return name;
}

function readLines(entries: readonly Entry[]): Line[] {
  return entries.filter(({ visible }) => visible).map(({ label, series, expression }) => {
    if (expression === undefined) {
      return { label, series: demand(series, label), factor: 1 };
    }
    const { factor, id } = PRODUCT.exec(expression)?.groups ?? {};
    const named = entries.find((entry) => entry.id !== undefined && entry.id === id);
    if (factor === undefined || named?.series === undefined) {
      throw new Error(`an expression is a number times the id of a metric, as '100 * share', got '${expression}'`);
    }
    return { label, series: named.series, factor: Number(factor) };
  });
}

function demand(series: MetricSeries | undefined, label: string): MetricSeries {
  if (series === undefined) {
    throw new Error(`a line is a metric or an expression, got neither in '${label}'`);
  }
  return series;
}
