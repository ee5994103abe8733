import { App, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { AgentRelease } from '../../../lib/agent/agent-release';
import { CaptureBucket } from '../../../lib/capture/capture-bucket';
import { SimulatedDevice, type SimulatedDeviceProps } from '../../../lib/device/simulated-device';
import { DeviceRole } from '../../../lib/identity/device-role';
import { EdgeDevice } from '../../../lib/identity/edge-device';
import { RoleAlias } from '../../../lib/identity/role-alias';
import { OnnxModel } from '../../../lib/model/onnx-model';
import type { IDeployableModel } from '../../../lib/model/deployable-model';
import { modelFolder } from '../temp-models';

/** A stack with a device that a machine can play; the agent is a small folder, which is quick to hash. */
export class DeviceStack extends Stack {
  public readonly captureBucket = new CaptureBucket(this, 'Captures');
  public readonly agentRelease = AgentRelease.fromAsset(modelFolder({ 'agent.js': 'agent' }));
  private readonly deviceRole = new DeviceRole(this, 'DeviceRole', { captureBucket: this.captureBucket });
  private readonly roleAlias = new RoleAlias(this, 'Alias', { role: this.deviceRole });

  public constructor(app = new App()) {
    super(app, 'Demo');
  }

  public device(id = 'Camera', certified = true, deviceName?: string): EdgeDevice {
    const device = new EdgeDevice(this, id, {
      fleetName: 'shop',
      deviceName,
      roleAlias: this.roleAlias,
      captureBucket: this.captureBucket,
    });
    if (certified) {
      device.addCertificate();
    }
    return device;
  }

  public model(modelName = 'reader', modelVersion = '1.0'): IDeployableModel {
    return OnnxModel.fromOnnxModelAttributes(this, `${modelName}-${modelVersion}`, {
      modelName, modelVersion, modelArtifactBucket: s3.Bucket.fromBucketName(this, `Bucket-${modelName}-${modelVersion}`, 'models'),
      modelArtifactKey: `${modelName}.tar.gz`, modelArtifactDigest: 'a'.repeat(64),
    });
  }

  /** Another device and its machine. */
  public second(): SimulatedDevice {
    return new SimulatedDevice(this, 'Second', { device: this.device('Other'), agentRelease: this.agentRelease });
  }

  public simulated(props: Partial<SimulatedDeviceProps> = {}): SimulatedDevice {
    return new SimulatedDevice(this, 'Simulated', { device: props.device ?? this.device(), agentRelease: this.agentRelease, ...props });
  }
}
