import type { IsCompleteResult, Started } from '../../lambda/shared/events';
import { isRecord } from '../../lambda/shared/properties';

/** What a poll answers that waits: for what, and nothing that is for the end. */
export const WAITS: unknown = {
  asymmetricMatch: (answer: unknown): boolean => isRecord(answer)
    && answer.IsComplete === false && typeof answer.For === 'string' && answer.For !== '' && !('Data' in answer),
  toString: () => 'WAITS',
  toAsymmetricMatcher: () => 'an answer that waits for something',
};

/** The two phases. */
export interface PhaseFunctions {
  onEvent(event: unknown): Promise<Started>;
  isComplete(event: unknown): Promise<IsCompleteResult>;
}

/** A handler's one function as two: each must answer as its phase does. */
export function functionsOf(handler: (event: unknown) => Promise<Started | IsCompleteResult>): PhaseFunctions {
  return {
    onEvent: async (event) => {
      const answer = await handler(event);
      if (!('PhysicalResourceId' in answer)) {
        throw new Error('onEvent has answered as isComplete does');
      }
      return answer;
    },
    isComplete: async (event) => {
      const answer = await handler(event);
      if (!('IsComplete' in answer)) {
        throw new Error('isComplete has answered as onEvent does');
      }
      return answer;
    },
  };
}
