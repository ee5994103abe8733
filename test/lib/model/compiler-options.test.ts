import { CompilerDtype, CompilerOptions } from '../../../lib';

test.each([
  [
    'CPU',
    CompilerOptions.cpu({ mcpu: 'skylake-avx512', mattr: ['+neon', '-vfpv4'], dtype: CompilerDtype.INT64 }),
    '{"mcpu":"skylake-avx512","mattr":["+neon","-vfpv4"],"dtype":"int64"}',
  ],
  [
    'NVIDIA',
    CompilerOptions.nvidia({ gpuCode: 'sm_62', tensorRtVersion: '6.0.1', cudaVersion: '10.0' }),
    '{"gpu-code":"sm_62","trt-ver":"6.0.1","cuda-ver":"10.0"}',
  ],
  ['JetPack', CompilerOptions.jetPack({ gpuCode: 'sm_72', jetPackVersion: '4.6' }), '{"JETPACK_VERSION":"4.6","gpu_code":"sm_72"}'],
  ['Android', CompilerOptions.android({ platform: 28, mattr: ['+neon'] }), '{"ANDROID_PLATFORM":28,"mattr":["+neon"]}'],
  ['CoreML', CompilerOptions.coreMl('labels.txt'), '{"class_labels":"labels.txt"}'],
  ['Inferentia', CompilerOptions.inferentia(['--verbose', '1', '-O2']), '"--verbose 1 -O2"'],
  ['the input type', CompilerOptions.inputType(CompilerDtype.FLOAT32), '{"dtype":"float32"}'],
])('options of %s are rendered as the service spells them', (_name, options, json) => {
  expect(options._json).toBe(json);
});

test.each<[string, () => CompilerOptions, string]>([
  [
    'a CPU feature has no sign',
    () => CompilerOptions.cpu({ mattr: ['neon'] }),
    "mattr must be a CPU feature begun by '+' or '-', got 'neon'",
  ],
  [
    'an Android feature has no sign',
    () => CompilerOptions.android({ platform: 28, mattr: ['neon'] }),
    "mattr must be a CPU feature begun by '+' or '-', got 'neon'",
  ],
  ['the micro-architecture is empty', () => CompilerOptions.cpu({ mcpu: '' }), 'mcpu must have at least 1 characters'],
  ['nothing is said', () => CompilerOptions.cpu({}), "compiler options as JSON must have 3 to 1024 characters, got 2: '{}'"],
  [
    'the GPU has another form',
    () => CompilerOptions.nvidia({ gpuCode: 'xavier', tensorRtVersion: '6.0.1', cudaVersion: '10.0' }),
    "gpuCode must be a GPU architecture like 'sm_72', got 'xavier'",
  ],
  [
    'TensorRT has two numbers',
    () => CompilerOptions.nvidia({ gpuCode: 'sm_72', tensorRtVersion: '6.0', cudaVersion: '10.0' }),
    "tensorRtVersion must be three numbers like '7.1.3', got '6.0'",
  ],
  [
    'CUDA has three numbers',
    () => CompilerOptions.nvidia({ gpuCode: 'sm_72', tensorRtVersion: '6.0.1', cudaVersion: '10.0.1' }),
    "cudaVersion must be two numbers like '10.2', got '10.0.1'",
  ],
  [
    'JetPack is a word',
    () => CompilerOptions.jetPack({ gpuCode: 'sm_72', jetPackVersion: 'new' }),
    "jetPackVersion must be a version like '4.6', got 'new'",
  ],
  [
    'the Android level is too low',
    () => CompilerOptions.android({ platform: 20 }),
    'platform (the Android API level) must be a whole number from 21 to 29, got 20',
  ],
  [
    'the Android level is too high',
    () => CompilerOptions.android({ platform: 30 }),
    'platform (the Android API level) must be a whole number from 21 to 29, got 30',
  ],
  [
    'the class labels are in a folder',
    () => CompilerOptions.coreMl('a/labels.txt'),
    "classLabels must be the name of a file at the root of the archive, got 'a/labels.txt'",
  ],
  ['there is no flag', () => CompilerOptions.inferentia([]), 'flags of the Neuron compiler must be at least 1, got none'],
  ['the text is no JSON', () => CompilerOptions.fromJson("{'a': 1}"), "compiler options must be JSON, got '{'a': 1}'"],
  [
    'the text is too long',
    () => CompilerOptions.fromJson(JSON.stringify('x'.repeat(1024))),
    'compiler options as JSON must have 3 to 1024 characters, got 1026',
  ],
])('fails when %s', (_name, make, message) => {
  expect(make).toThrow(message);
});
