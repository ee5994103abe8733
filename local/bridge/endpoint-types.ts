import type { BridgedType } from './types';

/** SageMaker's endpoints, and Application Auto Scaling, for the bridge. */
export const ENDPOINT_TYPES: readonly BridgedType[] = [
  {
    type: 'AWS::SageMaker::Model',
    rights: [
      {
        actions: ['sagemaker:CreateModel', 'sagemaker:DescribeModel', 'sagemaker:DeleteModel', 'sagemaker:AddTags', 'sagemaker:DeleteTags'],
        resources: ['sagemaker:model/*'],
      },
      { actions: ['iam:PassRole'], resources: ['iam:role/*'], passedTo: ['sagemaker.amazonaws.com'] },
    ],
  },
  {
    type: 'AWS::SageMaker::EndpointConfig',
    rights: [{
      actions: [
        'sagemaker:CreateEndpointConfig', 'sagemaker:DescribeEndpointConfig', 'sagemaker:DeleteEndpointConfig', 'sagemaker:AddTags',
        'sagemaker:DeleteTags',
      ],
      resources: ['sagemaker:endpoint-config/*'],
    }],
  },
  {
    type: 'AWS::SageMaker::Endpoint',
    rights: [
      {
        actions: [
          'sagemaker:CreateEndpoint', 'sagemaker:DescribeEndpoint', 'sagemaker:UpdateEndpoint', 'sagemaker:DeleteEndpoint',
          'sagemaker:AddTags', 'sagemaker:DeleteTags',
        ],
        resources: ['sagemaker:endpoint/*'],
      },
      { actions: ['sagemaker:CreateEndpoint', 'sagemaker:UpdateEndpoint'], resources: ['sagemaker:endpoint-config/*'] },
    ],
  },
  {
    type: 'AWS::ApplicationAutoScaling::ScalableTarget',
    rights: [{
      actions: [
        'application-autoscaling:RegisterScalableTarget', 'application-autoscaling:DescribeScalableTargets',
        'application-autoscaling:DeregisterScalableTarget',
      ],
      resources: ['*'],
    }],
  },
  {
    type: 'AWS::ApplicationAutoScaling::ScalingPolicy',
    rights: [{
      actions: ['application-autoscaling:PutScalingPolicy', 'application-autoscaling:DeleteScalingPolicy'],
      resources: ['*'],
    }],
  },
];
