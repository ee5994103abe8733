import type { LoadTestRunsType } from '../../../lib/endpoint/private/load-test/resources';
import type { HandlerTable } from '../../shared/resource-handler';
import type { Dependencies } from './dependencies';
import { LoadTestRuns } from './load-test-runs';

/** The custom resource that this function serves. */
export const RESOURCES: HandlerTable<LoadTestRunsType, Dependencies> = {
  'Custom::SageMakerEdge-LoadTestRuns': (dependencies) => new LoadTestRuns(dependencies),
};
