import { readCoreVariables } from '../../../local/nucleus/core-machine';
import { coreDeviceUserData } from '../../../lib/device/private/core-device-user-data';

describe('the local machine of a core device', () => {
  test('reads who it is from the user data itself', () => {
    const script = coreDeviceUserData({
      region: 'us-east-1', thingName: 'camera-1', secretArn: 'arn:secret', certificateId: 'id', roleAliasName: 'alias', credentialEndpoint: 'localhost:1', dataEndpoint: 'localhost:2',
      nucleusVersion: '2.18.2', nucleusUri: 'https://x/y.zip', nucleusSha256: '', bucketName: 'devices', reportKey: 'reports/camera-1/$instance/report.json',
    });
    expect(readCoreVariables(script, 'i-1')).toMatchObject({ AWS_REGION: 'us-east-1', CORE_THING_NAME: 'camera-1', CORE_SECRET_ARN: 'arn:secret', CORE_ROLE_ALIAS: 'alias', CORE_CREDENTIAL_ENDPOINT: 'localhost:1',
      CORE_REPORT_BUCKET: 'devices', CORE_REPORT_KEY: 'reports/camera-1/i-1/report.json',
    });
  });

  test('knows user data that is not a core device\'s', () => {
    expect(readCoreVariables('#!/bin/bash\ncat <<ENVIRONMENT\nEDGE_BUCKET=x\nENVIRONMENT\n', 'i-1')).toBeUndefined();
  });
});
