import { App, Stack } from 'aws-cdk-lib';
import { DeviceFleet } from '../../lib/edge-manager/device-fleet';

const app = new App();
const fleet = new DeviceFleet(new Stack(app, 'Fleet'), 'Fleet', { deviceFleetName: 'bench' });
for (let number = 1; number <= Number(process.env.DEVICES ?? '1'); number += 1) {
  fleet.addDevice(`Device${number}`);
}
app.synth();
