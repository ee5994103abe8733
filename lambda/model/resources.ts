import type { ModelPackageType } from '../../lib/model/private/package-contract';
import type { HandlerTable } from '../shared/resource-handler';
import type { Dependencies } from './dependencies';
import { ModelPackageHandler } from './model-package';

/** The custom resources that this function serves. */
export const RESOURCES: HandlerTable<ModelPackageType, Dependencies> = {
  'Custom::SageMakerEdge-ModelPackage': (dependencies) => new ModelPackageHandler(dependencies),
};
