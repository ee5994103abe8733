/**
 * What the apps of the other languages beside this one are, too. Each writes its template to OUTDIR, with the model MODEL:
 * `.ci/languages` compares their bytes with this one's.
 */
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import {
  AgentComponent, CaptureBucket, CompilationJob, CompilationTarget, Framework, GreengrassFleet, ModelComponent, ModelInput,
  ModelSource, OnnxModel, TargetArch, TargetOs,
} from 'cdk-sagemaker-edge';

const { OUTDIR: outdir, MODEL: file = '' } = process.env;
const app = new App({ outdir });
const stack = new Stack(app, 'Line', { env: { region: 'eu-west-1' } });

const source = ModelSource.fromAsset(file);
const inputs = [ModelInput.tensor('x', [1, 3, 48, 192])];
const model = new OnnxModel(stack, 'Model', { model: source, modelName: 'orientation', modelVersion: '1.0', inputs });
const compiled = new CompilationJob(stack, 'Compile', {
  model: source,
  framework: Framework.onnx({ inputs }),
  target: CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 }),
  maxRuntime: Duration.minutes(15),
  tags: { team: 'packing', cost: '4711', site: 'north', owner: 'Ada', stage: 'test' }, // some languages keep no order
});

const captureBucket = new CaptureBucket(stack, 'Captures', { lifecycle: { expiration: Duration.days(90) } });
const fleet = new GreengrassFleet(stack, 'Fleet', { fleetName: 'packing-line', captureBucket });
fleet.addDevice('Camera1');
new AgentComponent(stack, 'Agent', {
  models: [new ModelComponent(stack, 'Component', { model })], fleetName: 'packing-line', captureBucket: fleet.captureBucket,
});

new CfnOutput(stack, 'Artifact', { value: compiled.modelArtifactUri });
app.synth();
