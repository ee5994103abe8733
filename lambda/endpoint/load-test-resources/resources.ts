import type { LoadTestImageType, LoadTestRunsType } from '../../../lib/endpoint/private/load-test/resources';
import type { HandlerTable } from '../../shared/resource-handler';
import type { Dependencies } from './dependencies';
import { LoadTestImage } from './load-test-image';
import { LoadTestRuns } from './load-test-runs';

/** The custom resources that this function serves. */
export const RESOURCES: HandlerTable<LoadTestImageType | LoadTestRunsType, Dependencies> = {
  'Custom::SageMakerEdge-LoadTestImage': (dependencies) => new LoadTestImage(dependencies),
  'Custom::SageMakerEdge-LoadTestRuns': (dependencies) => new LoadTestRuns(dependencies),
};
