import { ServiceError } from '../service/errors';

/** A request that breaks a rule of the service. */
export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

/** A name that is taken, or a thing that is still used. */
export function inUse(message: string): ServiceError {
  return new ServiceError('ResourceInUse', message);
}

/** For jobs. Fleets and devices answer `invalid` instead, as the service did. */
export function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFound', message);
}

/**
 * What a role that is too fresh, absent or without trust in the service gives, as in
 * https://github.com/awslabs/predictive-maintenance-using-machine-learning/issues/3.
 */
export function unassumable(roleArn: string): ServiceError {
  return invalid(`Could not assume role ${roleArn}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.`);
}
