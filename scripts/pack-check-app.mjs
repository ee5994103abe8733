// @ts-check
// The app of scripts/pack-check.ts: what a stranger would write first. JavaScript, since that app has Node alone.
import { Annotations, App, Stack } from 'aws-cdk-lib';
import {
  CompilationJob, CompilationTarget, DeviceFleet, Framework, ModelInput, ModelSource, OnnxModel, PackagingJob, TargetArch, TargetOs,
} from 'cdk-sagemaker-edge';

const app = new App();
const stack = new Stack(app, 'Consumer', { env: { region: 'us-east-1' } });
const model = ModelSource.fromAsset('models/model.onnx');

new OnnxModel(stack, 'Model', { model, modelName: 'orientation', modelVersion: '1.0' });
const compiled = new CompilationJob(stack, 'Compile', {
  model,
  framework: Framework.onnx({ inputs: [ModelInput.tensor('x', [1, 3, 48, 192])] }),
  target: CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 }),
});
const packaged = new PackagingJob(stack, 'Package', { compilationJob: compiled, modelName: 'orientation', modelVersion: '1.0' });
const fleet = new DeviceFleet(stack, 'Fleet');
fleet.addDevice('Camera1');
Annotations.of(packaged).acknowledgeWarning('cdk-sagemaker-edge:PackagingJob.serviceRetired', 'a test of the package');
Annotations.of(fleet).acknowledgeWarning('cdk-sagemaker-edge:DeviceFleet.serviceRetired', 'a test of the package');
