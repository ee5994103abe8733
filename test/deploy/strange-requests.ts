import { checkInput } from '../../local/service/check-input';
import { errorText } from '../../local/service/errors';
import { MODELS, type ServiceId } from '../../local/service/model';
import type { TestCloud } from './harness';

/** What AWS's published models say against the calls that were answered, whoever answered them: a stand-in or the emulator. */
export function strangeRequests(cloud: TestCloud): string[] {
  return [...new Set(cloud.requests().filter(({ status }) => status < 400).flatMap(({ service, operation, input }) => {
    if (!isModelled(service)) { return []; }
    try {
      checkInput(service, operation, typeof input === 'object' && input !== null ? input : {});
      return [];
    } catch (error) {
      return [`${service} ${operation}: ${errorText(error)}`];
    }
  }))];
}

function isModelled(service: string): service is ServiceId {
  return Object.hasOwn(MODELS, service);
}
