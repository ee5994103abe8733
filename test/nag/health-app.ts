import { App, Stack } from 'aws-cdk-lib';
import { DeviceRole, FleetAlarms, FleetDashboard, FleetHealth, MonitoredModel } from '../../lib';

/** The health of a fleet, with all that it makes. */
export function healthApp(): App {
  const app = new App();
  const stack = new Stack(app, 'Health');
  const health = new FleetHealth(stack, 'Health', {
    fleetName: 'shop', models: [MonitoredModel.fromName('reader', '1.0')], deviceRole: new DeviceRole(stack, 'Role'),
  });
  new FleetAlarms(stack, 'Alarms', { health });
  new FleetDashboard(stack, 'Dashboard', { health });
  return app;
}
