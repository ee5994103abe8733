/** The families of compiler options. */
export type OptionsKind = 'cpu' | 'nvidia' | 'android' | 'coreml' | 'inferentia' | 'dtype' | 'json';

/** What is known of a target device beyond its name. */
export interface TargetDeviceFacts {
  /** Compiler options that mean something to it. */
  readonly options: readonly OptionsKind[];
  /** The only region that compiles for it; undefined: each region of Neo. */
  readonly region?: string;
  /** Frameworks whose version it takes; undefined: those that Neo takes a version of. */
  readonly versions?: readonly string[];
}

const CPU: TargetDeviceFacts = { options: ['cpu'] };
const CLOUD_CPU: TargetDeviceFacts = { options: ['cpu', 'dtype'] };
const CLOUD_GPU: TargetDeviceFacts = { options: ['nvidia', 'dtype'] };
const JETSON: TargetDeviceFacts = { options: ['nvidia'] };
const ANDROID: TargetDeviceFacts = { options: ['android'] };
const AMBARELLA: TargetDeviceFacts = { options: [], versions: [] };

/**
 * Sources: API reference of OutputConfig (options, regions); `NEO_MULTIVERSION_UNSUPPORTED` and the table beside it in
 * the SageMaker Python SDK (versions), but for `lambda`, which the service's own message lists as taking one.
 */
export const TARGET_DEVICE_FACTS: ReadonlyMap<string, TargetDeviceFacts> = new Map<string, TargetDeviceFacts>([
  ['lambda', CPU],
  ['ml_m4', CLOUD_CPU], ['ml_m5', CLOUD_CPU], ['ml_m6g', CLOUD_CPU],
  ['ml_c4', CLOUD_CPU], ['ml_c5', CLOUD_CPU], ['ml_c6g', CLOUD_CPU],
  ['ml_p2', CLOUD_GPU], ['ml_p3', CLOUD_GPU], ['ml_g4dn', CLOUD_GPU],
  ['ml_inf1', { options: ['inferentia'], versions: ['PYTORCH', 'TENSORFLOW', 'MXNET'] }],
  ['ml_inf2', { options: ['inferentia'], versions: ['PYTORCH', 'TENSORFLOW'], region: 'us-east-2' }],
  ['ml_trn1', { options: ['inferentia'], versions: ['PYTORCH', 'TENSORFLOW'], region: 'us-east-1' }],
  ['ml_eia2', { options: ['dtype'] }],
  ['jetson_tx1', JETSON], ['jetson_tx2', JETSON], ['jetson_nano', JETSON], ['jetson_xavier', JETSON],
  ['rasp3b', CPU], ['rasp4b', CPU], ['deeplens', CPU], ['rk3399', CPU], ['rk3288', CPU], ['aisage', CPU], ['sbe_c', CPU],
  ['imx8qm', CPU],
  ['imx8mplus', { options: ['cpu'], versions: [] }],
  ['sitara_am57x', { options: ['cpu'], versions: [] }],
  ['jacinto_tda4vm', { options: ['cpu'], versions: [] }],
  ['qcs605', ANDROID], ['qcs603', ANDROID],
  ['amba_cv2', AMBARELLA], ['amba_cv22', AMBARELLA], ['amba_cv25', AMBARELLA],
  ['x86_win32', CPU], ['x86_win64', CPU],
  ['coreml', { options: ['coreml'], versions: [] }],
]);
