import applicationAutoScaling from './models/application-autoscaling.json';
import codeBuild from './models/codebuild.json';
import codeCommit from './models/codecommit.json';
import ecs from './models/ecs.json';
import greengrass from './models/greengrassv2.json';
import iot from './models/iot.json';
import sageMaker from './models/sagemaker.json';
import sageMakerEdge from './models/sagemaker-edge.json';
import sageMakerRuntime from './models/sagemaker-runtime.json';
import { OVERLAY } from './overlay';

/** What a request may hold, as botocore's service models say it, and what the overlay adds. */
export interface Shape {
  /** `structure`, `list`, `map`, `string`, `integer`, `long`, `float`, `double`, `boolean`, `timestamp` or `blob`. */
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, Member>>;
  /** Of a list. */
  readonly member?: Reference;
  /** Of a map. */
  readonly key?: Reference;
  readonly value?: Reference;
  /** Least length, or least value of a number. */
  readonly min?: number;
  readonly max?: number;
  /** Covers the whole value. */
  readonly pattern?: string;
  readonly enum?: readonly string[];
  /** The member that is the whole body of a REST request. */
  readonly payload?: string;
  /** Of each group exactly one member is given. The overlay alone has this. */
  readonly oneOf?: readonly (readonly string[])[];
}

export interface Reference { readonly shape: string }

export interface Member extends Reference {
  /** `uri`, `querystring` or `header`; otherwise in the body. */
  readonly location?: string;
  readonly locationName?: string;
}

export type Shapes = Readonly<Record<string, Shape>>;

/** One operation. A REST service has routes for operations that nobody here uses: they have no input. */
export interface OperationModel {
  readonly method?: string;
  readonly uri?: string;
  /** HTTP status of a success. Default 200. */
  readonly status?: number;
  readonly input?: string;
}

export interface ServiceModel {
  /** As the SDKs and the request log name the service. */
  readonly serviceId: string;
  /** `json` (AWS JSON 1.1) or `rest-json`. */
  readonly protocol: string;
  /** The service in a signature's scope, and before the colon of its IAM actions. */
  readonly signingName: string;
  readonly targetPrefix?: string;
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Shapes;
}

export type ServiceId = 'Application Auto Scaling' | 'CodeBuild' | 'CodeCommit' | 'ECS' | 'GreengrassV2' | 'IoT' | 'SageMaker' | 'Sagemaker Edge' | 'SageMaker Runtime';

/** Written by scripts/service-models.ts from botocore's models, with the overlay laid over them. */
export const MODELS: Readonly<Record<ServiceId, ServiceModel>> = {
  'Application Auto Scaling': overlaid(applicationAutoScaling, 'Application Auto Scaling'),
  'CodeBuild': overlaid(codeBuild, 'CodeBuild'),
  'CodeCommit': overlaid(codeCommit, 'CodeCommit'),
  'ECS': overlaid(ecs, 'ECS'),
  'GreengrassV2': overlaid(greengrass, 'GreengrassV2'),
  'IoT': overlaid(iot, 'IoT'),
  'SageMaker': overlaid(sageMaker, 'SageMaker'),
  'Sagemaker Edge': overlaid(sageMakerEdge, 'Sagemaker Edge'),
  'SageMaker Runtime': overlaid(sageMakerRuntime, 'SageMaker Runtime'),
};

function overlaid(model: ServiceModel, id: ServiceId): ServiceModel {
  const shapes: Record<string, Shape> = { ...model.shapes };
  for (const [name, { rule }] of Object.entries(OVERLAY[id])) {
    const shape = model.shapes[name];
    if (!shape) {
      throw new Error(`the overlay is stricter about ${name}, which the model of ${id} does not have`);
    }
    shapes[name] = { ...shape, ...rule };
  }
  return { ...model, shapes };
}
