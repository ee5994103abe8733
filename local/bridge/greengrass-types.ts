import { ACCOUNT, PARTITION, REGION } from '../service/account';
import type { BridgedType } from './types';

const GREENGRASS = `arn:${PARTITION}:greengrass:${REGION}:${ACCOUNT}`;

/** Greengrass's resource types for the bridge. What a deployment does to jobs it does with the caller's rights. */
export const GREENGRASS_TYPES: readonly BridgedType[] = [
  {
    type: 'AWS::GreengrassV2::ComponentVersion', timeout: 180,
    rights: [
      {
        actions: ['greengrass:CreateComponentVersion', 'greengrass:DescribeComponent', 'greengrass:DeleteComponent', 'greengrass:TagResource', 'greengrass:UntagResource'],
        resources: [`${GREENGRASS}:components:*`],
      },
      { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::*'] }, // the service reads artefacts with the rights of whoever makes the component
    ],
  },
  {
    type: 'AWS::GreengrassV2::Deployment', timeout: 60,
    rights: [
      { actions: ['greengrass:CreateDeployment'], resources: ['*'] },
      {
        actions: ['greengrass:GetDeployment', 'greengrass:CancelDeployment', 'greengrass:DeleteDeployment', 'greengrass:TagResource', 'greengrass:UntagResource'],
        resources: [`${GREENGRASS}:deployments:*`],
      },
      { actions: ['iot:CreateJob', 'iot:CancelJob', 'iot:DescribeJob', 'iot:DeleteJob'], resources: ['iot:job/*'] },
      { actions: ['iot:CreateJob', 'iot:DescribeThingGroup'], resources: ['iot:thinggroup/*'] },
    ],
  },
];
