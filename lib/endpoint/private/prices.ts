// On-demand prices: of instances behind SageMaker real-time endpoints, and of a load test's workers. No other file has any: change
// `DATE` with them.

/** When the prices were collected. */
const DATE = '2026-11-27';
const REGION = 'us-east-1';

/**
 * - `priceList`: AWS's price list, usage type `USE1-Host:<type>`, as others read it on 2026-09-28 and published it
 * - `tables`: three public tables of us-east-1's on-demand prices (of 2024 to 2026) that agree to the cent
 */
const SOURCES = {
  priceList: 'AWS Price List, usage type USE1-Host, read on 2026-09-28 as published by others',
  tables: 'public tables of on-demand prices that agree, not AWS\'s own list',
} as const;

/** USD an hour for one instance. A type that is missing has no price here: none is guessed. */
const HOURLY: Readonly<Record<string, readonly [price: number, source: keyof typeof SOURCES]>> = {
  'ml.m5.large': [0.115, 'tables'],
  'ml.m5.xlarge': [0.23, 'priceList'],
  'ml.m5.2xlarge': [0.461, 'priceList'],
  'ml.m5.4xlarge': [0.922, 'tables'],
  'ml.m5.12xlarge': [2.765, 'tables'],
  'ml.m5.24xlarge': [5.53, 'tables'],
  'ml.c5.large': [0.102, 'tables'],
  'ml.c5.xlarge': [0.204, 'tables'],
  'ml.c5.2xlarge': [0.408, 'tables'],
  'ml.c5.4xlarge': [0.816, 'tables'],
  'ml.c5.9xlarge': [1.836, 'tables'],
  'ml.g4dn.xlarge': [0.736, 'tables'],
};

export interface Price {
  readonly usdPerHour: number;
  readonly source: string;
}

/** A worker of a load test: 1 vCPU at 0.03238 and 2 GiB at 0.00356 dollars. */
export const FARGATE_WORKER: Price = { usdPerHour: 0.03238 + 2 * 0.00356, source: `ARM64, ${REGION}, ${DATE}` };

/** Why there is no price. */
export interface NoPrice {
  readonly missing: string;
}

/** The price of an instance an hour, or why there is none. */
export function priceOf(instanceType: string, region: string, given?: number): Price | NoPrice {
  if (given !== undefined) {
    return { usdPerHour: given, source: 'given by the user' };
  }
  const known = Object.hasOwn(HOURLY, instanceType) ? HOURLY[instanceType] : undefined;
  if (known === undefined) {
    return { missing: `no price of ${instanceType} is known here: give the price of an instance an hour, from https://aws.amazon.com/sagemaker/ai/pricing/` };
  }
  if (region !== REGION) {
    return {
      missing: `prices here are those of ${REGION}, the run was in ${region}: give the price of an instance an hour, `
        + 'from https://aws.amazon.com/sagemaker/ai/pricing/',
    };
  }
  const [usdPerHour, source] = known;
  return { usdPerHour, source: `${REGION}, on demand, ${DATE}: ${SOURCES[source]}` };
}
