/** Cores of a size, where they are not four for each `xlarge`. */
const SMALL: Readonly<Record<string, number>> = { medium: 2, large: 2, xlarge: 4 };
const PER_XLARGE = 4;

/** The cores of an instance type such as `ml.m5.12xlarge`: 48. SageMaker's families differ in memory and GPUs, hardly in this. */
export function cores(instanceType: string): number {
  const size = instanceType.split('.').at(-1) ?? '';
  const [, times] = /^(\d+)xlarge$/.exec(size) ?? [];
  return times === undefined ? SMALL[size] ?? PER_XLARGE : Number(times) * PER_XLARGE;
}
