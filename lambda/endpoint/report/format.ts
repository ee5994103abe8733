/** Three digits that count, without a tail of zeros: 1234 → 1,234; 12.34 → 12.3; 0.1234 → 0.123. */
export function number(value: number): string {
  const digits = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1))));
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

/** A share of 1 in percent. */
export function percent(share: number): string {
  return `${number(Math.round(share * 1000) / 10)} %`;
}

export function usd(value: number): string {
  return `$${value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: value < 1 ? 4 : 2 })}`;
}
