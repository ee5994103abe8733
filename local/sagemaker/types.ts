import type * as sageMaker from '@aws-sdk/client-sagemaker';
import type * as edge from '@aws-sdk/client-sagemaker-edge';
import type { InputOf, Operations } from '../service/operation';

/** The requests that the stand-in keeps, typed as the SDKs have them. */

export type SageMakerOperations = Operations<typeof sageMaker>;
export type EdgeOperations = Operations<typeof edge>;
type SageMakerInput<Name extends string> = InputOf<typeof sageMaker, Name>;

export type CompilationRequest = SageMakerInput<'CreateCompilationJob'>;
export type InputConfig = NonNullable<CompilationRequest['InputConfig']>;
export type OutputConfig = CompilationRequest['OutputConfig'];
export type Tags = NonNullable<CompilationRequest['Tags']>;
export type PackagingRequest = SageMakerInput<'CreateEdgePackagingJob'>;
export type ProcessingRequest = SageMakerInput<'CreateProcessingJob'>;
export type TrainingRequest = SageMakerInput<'CreateTrainingJob'>;
export type ModelRequest = SageMakerInput<'CreateModel'>;
export type ContainerDefinition = NonNullable<ModelRequest['PrimaryContainer']>;
export type EndpointConfigRequest = SageMakerInput<'CreateEndpointConfig'>;
export type ProductionVariant = EndpointConfigRequest['ProductionVariants'][number];
export type EndpointRequest = SageMakerInput<'CreateEndpoint'>;
export type EndpointUpdate = SageMakerInput<'UpdateEndpoint'>;
export type DesiredCapacities = SageMakerInput<'UpdateEndpointWeightsAndCapacities'>['DesiredWeightsAndCapacities'];
export type DomainRequest = SageMakerInput<'CreateDomain'>;
export type StudioUserSettings = DomainRequest['DefaultUserSettings'];
export type UserProfileRequest = SageMakerInput<'CreateUserProfile'>;
export type SpaceRequest = SageMakerInput<'CreateSpace'>;
export type AppRequest = SageMakerInput<'CreateApp'>;
export type ImageRequest = SageMakerInput<'CreateImage'>;
export type ImageVersionRequest = SageMakerInput<'CreateImageVersion'>;
export type AppImageConfigRequest = SageMakerInput<'CreateAppImageConfig'>;
export type LifecycleConfigRequest = SageMakerInput<'CreateStudioLifecycleConfig'>;
export type MlflowAppRequest = SageMakerInput<'CreateMlflowApp'>;
export type MlflowServerRequest = SageMakerInput<'CreateMlflowTrackingServer'>;
export type FleetSettings = SageMakerInput<'UpdateDeviceFleet'>;
export type Registration = SageMakerInput<'RegisterDevices'>;
export type NamedDevices = SageMakerInput<'UpdateDevices'>;
export type DeviceListRequest = SageMakerInput<'ListDevices'>;
/** What every list call of named, dated records takes. */
export type ListRequest = Omit<SageMakerInput<'ListCompilationJobs'>, 'SortBy' | 'StatusEquals'>;
export type Heartbeat = InputOf<typeof edge, 'SendHeartbeat'>;
