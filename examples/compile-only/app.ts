/**
 * A compilation job alone: SageMaker Neo for a Jetson Xavier, in a stack that does nothing else. Works on AWS today.
 *   npx cdk synth -a 'npx tsx examples/compile-only/app.ts'
 */
import * as path from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { CompilationJob, CompilationTarget, CompilerOptions, Framework, ModelInput, ModelSource, TargetDevice } from 'cdk-sagemaker-edge';

export const app = new App();
const stack = new Stack(app, 'CompileOnly');
const model = path.join(__dirname, '..', '..', 'node_modules', '@gutenye', 'ocr-models', 'assets', 'ch_PP-OCRv4_det_infer.onnx');

const compiled = new CompilationJob(stack, 'Compile', {
  model: ModelSource.fromAsset(model),
  framework: Framework.onnx({ inputs: [ModelInput.tensor('x', [1, 3, 416, 416])] }),
  target: CompilationTarget.device(TargetDevice.JETSON_XAVIER, {
    compilerOptions: CompilerOptions.nvidia({ gpuCode: 'sm_72', tensorRtVersion: '5.1.6', cudaVersion: '10.0' }),
  }),
});

new CfnOutput(stack, 'Artifact', { value: compiled.modelArtifactUri });
