import type { MachineSummary } from '../device/host';
import { tokenHeader } from '../service/control-token';
import type { Endpoints } from './clients';

/** The local devices that run. */
export async function listMachines({ devices, controlToken }: Pick<Endpoints, 'devices' | 'controlToken'>): Promise<MachineSummary[]> {
  const response = await fetch(`${devices}/machines`, { headers: tokenHeader(controlToken) });
  return await response.json() as MachineSummary[];
}
