import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { DeviceRole, FleetHealth, MonitoredModel, type FleetHealthProps } from '../../../lib';

export interface HealthStack {
  readonly stack: Stack;
  readonly health: FleetHealth;
  readonly role: DeviceRole;
}

/** A fleet with one model in one ring, and with its role, unless it is said otherwise. */
export function healthStack(props: Partial<FleetHealthProps> = {}): HealthStack {
  const stack = new Stack(new App(), 'Demo', { env: { account: '111122223333', region: 'eu-west-1' } });
  const role = new DeviceRole(stack, 'Role');
  const health = new FleetHealth(stack, 'Health', {
    fleetName: 'shop', models: [MonitoredModel.fromName('reader', '1.1')], deviceRole: role, removalPolicy: RemovalPolicy.DESTROY, ...props,
  });
  return { stack, health, role };
}
