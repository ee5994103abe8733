import { App, Stack } from 'aws-cdk-lib';
import { CaptureBucket, DeviceRole, FleetAlarms, FleetDashboard, FleetHealth, LabelingExport, MonitoredModel } from '../../lib';

/** The health of a fleet, with all that it makes. */
export function healthApp(): App {
  const app = new App();
  const stack = new Stack(app, 'Health');
  const health = new FleetHealth(stack, 'Health', {
    fleetName: 'shop', models: [MonitoredModel.fromName('reader', '1.0')], deviceRole: new DeviceRole(stack, 'Role'),
  });
  new FleetAlarms(stack, 'Alarms', { health });
  new FleetDashboard(stack, 'Dashboard', { health });
  const labels = new LabelingExport(stack, 'Labels', { captureBucket: new CaptureBucket(stack, 'Captures'), fleetName: 'shop', modelNames: ['reader'] });
  labels.grantRead(new DeviceRole(stack, 'Reader'));
  return app;
}
