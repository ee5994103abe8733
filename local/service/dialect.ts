import { ServiceError } from './errors';
import type { ServiceId } from './model';

/** How a service names what every service refuses. */
export interface Dialect {
  /** A request that breaks a rule. */
  readonly invalid: (message: string) => ServiceError;
  /** HTTP status of an AccessDeniedException. */
  readonly deniedStatus: number;
  /** Name of an error of its own: the one that its model has for that, or the name that is common to all services. */
  readonly internal: string;
  /** HTTP status of an UnknownOperationException. */
  readonly unknownStatus: number;
}

const SAGEMAKER = {
  invalid: (message: string) => new ServiceError('ValidationException', message),
  deniedStatus: 400,
  internal: 'InternalFailure',
};

export const DIALECTS: Readonly<Record<ServiceId, Dialect>> = {
  'SageMaker': { ...SAGEMAKER, unknownStatus: 400 },
  'Sagemaker Edge': { ...SAGEMAKER, internal: 'InternalServiceException', unknownStatus: 404 },
  'SageMaker Runtime': {
    invalid: (message) => new ServiceError('ValidationError', message),
    deniedStatus: 403, internal: 'InternalFailure', unknownStatus: 404,
  },
  'Application Auto Scaling': {
    invalid: (message) => new ServiceError('ValidationException', message),
    deniedStatus: 400, internal: 'InternalServiceException', unknownStatus: 400,
  },
  'CodeBuild': {
    invalid: (message) => new ServiceError('InvalidInputException', message),
    deniedStatus: 400, internal: 'InternalFailure', unknownStatus: 400,
  },
  'CodeCommit': {
    invalid: (message) => new ServiceError('ValidationException', message),
    deniedStatus: 400, internal: 'InternalFailure', unknownStatus: 400,
  },
  'ECS': {
    invalid: (message) => new ServiceError('InvalidParameterException', message),
    deniedStatus: 400, internal: 'ServerException', unknownStatus: 400,
  },
  'GreengrassV2': {
    invalid: (message) => new ServiceError('ValidationException', message, 400, { reason: 'FIELD_VALIDATION_FAILED' }),
    deniedStatus: 403, internal: 'InternalServerException', unknownStatus: 404,
  },
  'IoT': {
    invalid: (message) => new ServiceError('InvalidRequestException', message),
    deniedStatus: 403, internal: 'InternalFailureException', unknownStatus: 404,
  },
};
