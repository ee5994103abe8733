import { isRecord } from '../sagemaker/validator';
import type { CoreDeviceReport, DeploymentReport } from './contracts';

/** What a device sends is checked before it is kept. */
export function isDeploymentReport(value: unknown): value is DeploymentReport {
  return isRecord(value) && typeof value.deploymentId === 'string' && ['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED'].includes(String(value.status));
}

export function isCoreDeviceReport(value: unknown): value is CoreDeviceReport {
  return isRecord(value) && typeof value.coreDeviceThingName === 'string' && Array.isArray(value.components);
}
