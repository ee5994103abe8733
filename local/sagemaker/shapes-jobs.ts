import type { Infer } from './shape';
import { NOTHING, integer, list, oneOf, structure, text } from './shape';
import { EDGE_OUTPUT_CONFIG, EDGE_VERSION, ENTITY_NAME, KMS_KEY_ID, LIST_MEMBERS, NAME_CONTAINS, ROLE_ARN, S3_URI, TAG_LIST } from './shapes-common';

/** Compilation and packaging jobs. */

export const JOB_STATUS = oneOf('INPROGRESS', 'COMPLETED', 'FAILED', 'STARTING', 'STOPPING', 'STOPPED');

const FRAMEWORK = oneOf('TENSORFLOW', 'KERAS', 'MXNET', 'ONNX', 'PYTORCH', 'XGBOOST', 'TFLITE', 'DARKNET', 'SKLEARN');

const TARGET_DEVICE = oneOf(
  'lambda', 'ml_m4', 'ml_m5', 'ml_m6g', 'ml_c4', 'ml_c5', 'ml_c6g', 'ml_p2', 'ml_p3', 'ml_g4dn', 'ml_inf1', 'ml_inf2', 'ml_trn1', 'ml_eia2',
  'jetson_tx1', 'jetson_tx2', 'jetson_nano', 'jetson_xavier', 'rasp3b', 'rasp4b', 'imx8qm', 'deeplens', 'rk3399', 'rk3288', 'aisage', 'sbe_c',
  'qcs605', 'qcs603', 'sitara_am57x', 'amba_cv2', 'amba_cv22', 'amba_cv25', 'x86_win32', 'x86_win64', 'coreml', 'jacinto_tda4vm', 'imx8mplus',
);

const TARGET_PLATFORM = structure(
  { Os: oneOf('ANDROID', 'LINUX'), Arch: oneOf('X86_64', 'X86', 'ARM64', 'ARM_EABI', 'ARM_EABIHF') },
  { Accelerator: oneOf('INTEL_GRAPHICS', 'MALI', 'NVIDIA', 'NNA') },
);

const INPUT_CONFIG = structure({ S3Uri: S3_URI, Framework: FRAMEWORK }, {
  DataInputConfig: text(1, 16384, /^[\S\s]+$/), FrameworkVersion: text(3, 10, /^[0-9]\.[A-Za-z0-9.]+$/),
});

const OUTPUT_CONFIG = structure({ S3OutputLocation: S3_URI }, {
  TargetDevice: TARGET_DEVICE, TargetPlatform: TARGET_PLATFORM, CompilerOptions: text(3, 1024, /^.*$/), KmsKeyId: KMS_KEY_ID,
}, ['TargetDevice', 'TargetPlatform']);

const VPC_ID = text(0, 32, /^[-0-9a-zA-Z]+$/);

export const CREATE_COMPILATION_JOB = structure({
  CompilationJobName: ENTITY_NAME,
  RoleArn: ROLE_ARN,
  OutputConfig: OUTPUT_CONFIG,
  StoppingCondition: structure(NOTHING, {
    MaxRuntimeInSeconds: integer(1), MaxWaitTimeInSeconds: integer(1), MaxPendingTimeInSeconds: integer(1800, 2419200),
  }),
}, {
  InputConfig: INPUT_CONFIG,
  ModelPackageVersionArn: text(1, 2048, /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]{9,16}:[0-9]{12}:model-package\/\S{1,2048}$/),
  VpcConfig: structure({ SecurityGroupIds: list(VPC_ID, 1, 5), Subnets: list(VPC_ID, 1, 16) }, NOTHING),
  Tags: TAG_LIST,
}, ['InputConfig', 'ModelPackageVersionArn']);

export type CompilationRequest = Infer<typeof CREATE_COMPILATION_JOB>;
export type OutputConfig = Infer<typeof OUTPUT_CONFIG>;
export type InputConfig = Infer<typeof INPUT_CONFIG>;

export const COMPILATION_JOB = structure({ CompilationJobName: ENTITY_NAME }, NOTHING);
export const LIST_COMPILATION_JOBS = structure(NOTHING, {
  ...LIST_MEMBERS, StatusEquals: JOB_STATUS, SortBy: oneOf('Name', 'CreationTime', 'Status'),
});

export const CREATE_EDGE_PACKAGING_JOB = structure({
  EdgePackagingJobName: ENTITY_NAME,
  CompilationJobName: ENTITY_NAME,
  ModelName: ENTITY_NAME,
  ModelVersion: EDGE_VERSION,
  RoleArn: ROLE_ARN,
  OutputConfig: EDGE_OUTPUT_CONFIG,
}, { ResourceKey: KMS_KEY_ID, Tags: TAG_LIST });

export type PackagingRequest = Infer<typeof CREATE_EDGE_PACKAGING_JOB>;

export const EDGE_PACKAGING_JOB = structure({ EdgePackagingJobName: ENTITY_NAME }, NOTHING);
export const LIST_EDGE_PACKAGING_JOBS = structure(NOTHING, {
  ...LIST_MEMBERS, StatusEquals: JOB_STATUS, ModelNameContains: NAME_CONTAINS,
  SortBy: oneOf('NAME', 'MODEL_NAME', 'CREATION_TIME', 'LAST_MODIFIED_TIME', 'STATUS'),
});
