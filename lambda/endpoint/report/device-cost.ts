import type { NoPrice, Price } from '../../../lib/endpoint/private/prices';

/** What a device costs, as its owner says. */
export interface DeviceCost {
  /** USD, with what it needs to stand where it stands. */
  readonly priceUsd: number;
  /** Years that it serves. */
  readonly years: number;
  /** While it predicts. */
  readonly watts: number;
  readonly usdPerKwh: number;
}

const HOURS_A_YEAR = 8766; // 365.25 days

/** The device's share of an hour: its price over its life, and its energy. */
export function deviceCostPerHour(cost: DeviceCost | undefined): Price | NoPrice {
  if (cost === undefined) {
    return { missing: 'give the device\'s price, its years of service, its watts and the price of a kWh' };
  }
  const { priceUsd, years, watts, usdPerKwh } = cost;
  return {
    usdPerHour: priceUsd / (years * HOURS_A_YEAR) + watts / 1000 * usdPerKwh,
    source: `given by the user: $${priceUsd} over ${years} year(s), ${watts} W at $${usdPerKwh}/kWh; without connection, work and spare parts`,
  };
}
