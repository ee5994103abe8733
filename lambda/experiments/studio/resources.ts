import type { StudioCleanupType, StudioImageAttachmentType } from '../../../lib/experiments/private/studio/resources';
import type { HandlerTable } from '../../shared/resource-handler';
import type { Dependencies } from './dependencies';
import { StudioCleanup } from './studio-cleanup';
import { StudioImageAttachment } from './studio-image-attachment';

/** The custom resources that this function serves. */
export const RESOURCES: HandlerTable<StudioCleanupType | StudioImageAttachmentType, Dependencies> = {
  'Custom::SageMakerEdge-StudioCleanup': (dependencies) => new StudioCleanup(dependencies),
  'Custom::SageMakerEdge-StudioImageAttachment': (dependencies) => new StudioImageAttachment(dependencies),
};
