import type { BridgedType, BridgeRight } from './types';

const TAGS = ['sagemaker:AddTags', 'sagemaker:DeleteTags'];
const PASS_ROLE: BridgeRight = { actions: ['iam:PassRole'], resources: ['iam:role/*'], passedTo: ['sagemaker.amazonaws.com'] };

function managed(name: string, resource: string, ...more: readonly string[]): BridgeRight {
  const verbs = ['Create', 'Describe', 'Delete', ...more];
  return { actions: [...verbs.map((verb) => `sagemaker:${verb}${name}`), ...TAGS], resources: [`sagemaker:${resource}/*`] };
}

/** Studio and MLflow, for the bridge. */
export const STUDIO_TYPES: readonly BridgedType[] = [
  { type: 'AWS::SageMaker::Domain', rights: [managed('Domain', 'domain', 'Update'), PASS_ROLE] },
  { type: 'AWS::SageMaker::UserProfile', rights: [managed('UserProfile', 'user-profile', 'Update'), PASS_ROLE] },
  { type: 'AWS::SageMaker::Space', rights: [managed('Space', 'space', 'Update')] },
  { type: 'AWS::SageMaker::Image', rights: [managed('Image', 'image'), PASS_ROLE] },
  {
    type: 'AWS::SageMaker::ImageVersion',
    rights: [managed('ImageVersion', 'image-version'), { actions: ['sagemaker:CreateImageVersion'], resources: ['sagemaker:image/*'] }],
  },
  { type: 'AWS::SageMaker::AppImageConfig', rights: [managed('AppImageConfig', 'app-image-config', 'Update')] },
  { type: 'AWS::SageMaker::StudioLifecycleConfig', rights: [managed('StudioLifecycleConfig', 'studio-lifecycle-config')] },
  { type: 'AWS::SageMaker::MlflowApp', rights: [managed('MlflowApp', 'mlflow-app'), PASS_ROLE] },
  { type: 'AWS::SageMaker::MlflowTrackingServer', rights: [managed('MlflowTrackingServer', 'mlflow-tracking-server'), PASS_ROLE] },
];
