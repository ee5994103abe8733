import type { BuiltImageType } from '../../lib/images/contract';
import type { HandlerTable } from '../shared/resource-handler';
import { BuiltImage } from './built-image';
import type { Dependencies } from './dependencies';

/** The custom resource that this function serves. */
export const RESOURCES: HandlerTable<BuiltImageType, Dependencies> = {
  'Custom::SageMakerEdge-BuiltImage': (dependencies) => new BuiltImage(dependencies),
};
