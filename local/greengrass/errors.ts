import { DIALECTS } from '../service/dialect';
import { ServiceError } from '../service/errors';

export const { invalid } = DIALECTS.GreengrassV2;

export function notFound(resourceType: string, resourceId: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `${resourceType} ${resourceId} does not exist`, 404, { resourceId, resourceType });
}

export function conflict(resourceType: string, resourceId: string, message: string): ServiceError {
  return new ServiceError('ConflictException', message, 409, { resourceId, resourceType });
}
