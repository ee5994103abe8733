import { ACCOUNT, PARTITION, REGION } from '../service/account';
import type { BridgedType } from './types';

const GREENGRASS = `arn:${PARTITION}:greengrass:${REGION}:${ACCOUNT}`;

/** Greengrass's resource types for the bridge. What a deployment does to jobs it does with the caller's rights. */
export const GREENGRASS_TYPES: readonly BridgedType[] = [
  {
    type: 'AWS::GreengrassV2::ComponentVersion',
    rights: [
      {
        actions: [
          'greengrass:CreateComponentVersion', 'greengrass:DescribeComponent', 'greengrass:DeleteComponent',
          'greengrass:TagResource', 'greengrass:UntagResource',
        ],
        resources: [`${GREENGRASS}:components:*`],
      },
      // The service reads artifacts with the rights of whoever makes the component.
      { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::*'] },
    ],
  },
  {
    type: 'AWS::GreengrassV2::Deployment',
    rights: [
      { actions: ['greengrass:CreateDeployment'], resources: ['*'] },
      {
        actions: [
          'greengrass:GetDeployment', 'greengrass:CancelDeployment', 'greengrass:DeleteDeployment',
          'greengrass:TagResource', 'greengrass:UntagResource',
        ],
        resources: [`${GREENGRASS}:deployments:*`],
      },
      { actions: ['iot:CreateJob', 'iot:CancelJob', 'iot:DescribeJob', 'iot:DeleteJob'], resources: ['iot:job/*'] },
      { actions: ['iot:CreateJob', 'iot:DescribeThingGroup'], resources: ['iot:thinggroup/*'] },
    ],
  },
];
