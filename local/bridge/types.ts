import { ENDPOINT_TYPES } from './endpoint-types';
import { GREENGRASS_TYPES } from './greengrass-types';
import { hasIntegration } from '../states/definition';
import { STUDIO_TYPES } from './studio-types';

/**
 * Minutes that the bridge has for one resource: a busy machine may take long. The emulator waits a little longer, and an
 * hour without a limit, for a handler that died.
 */
export const BRIDGE_MINUTES = 10;

/** What the aspect and the bridge's stack know about a resource type that the emulator's CloudFormation lacks. */
export interface BridgedType {
  /** As in the plain template. */
  readonly type: string;
  /** Custom resources of this type keep it: only who answers them changes. */
  readonly keepsType?: boolean;
  /** Whether a resource is one that the emulator cannot make. Default: each one is. */
  readonly isLacking?: (properties: Readonly<Record<string, unknown>>) => boolean;
  /** What the bridge may do for this type. */
  readonly rights: readonly BridgeRight[];
}

export interface BridgeRight {
  readonly actions: readonly string[];
  /** `<service>:<resource>`, completed to an ARN of this account and region; `*` for actions without resource types; or a whole ARN. */
  readonly resources: readonly string[];
  /** The service that a role may be passed to. */
  readonly passedTo?: readonly string[];
}

/** Any role: as CloudFormation's own execution role, the bridge cannot know the names of the stacks to come. */
function passRole(service: string): BridgeRight[] {
  return [{ actions: ['iam:PassRole'], resources: ['iam:role/*'], passedTo: [service] }];
}

export const BRIDGED_TYPES: readonly BridgedType[] = [
  {
    type: 'AWS::IoT::RoleAlias',
    rights: [
      {
        actions: [
          'iot:CreateRoleAlias', 'iot:DescribeRoleAlias', 'iot:UpdateRoleAlias', 'iot:DeleteRoleAlias', 'iot:TagResource',
          'iot:UntagResource',
        ],
        resources: ['iot:rolealias/*'],
      },
      ...passRole('credentials.iot.amazonaws.com'),
    ],
  },
  {
    type: 'AWS::SageMaker::DeviceFleet',
    rights: [
      {
        actions: [
          'sagemaker:CreateDeviceFleet', 'sagemaker:DescribeDeviceFleet', 'sagemaker:UpdateDeviceFleet',
          'sagemaker:DeleteDeviceFleet', 'sagemaker:AddTags', 'sagemaker:DeleteTags',
        ],
        resources: ['sagemaker:device-fleet/*'],
      },
      ...passRole('sagemaker.amazonaws.com'),
    ],
  },
  {
    type: 'AWS::SageMaker::Device',
    rights: [{
      actions: [
        'sagemaker:RegisterDevices', 'sagemaker:DescribeDevice', 'sagemaker:UpdateDevices', 'sagemaker:DeregisterDevices',
        'sagemaker:AddTags', 'sagemaker:DeleteTags',
      ],
      resources: ['sagemaker:device-fleet/*'],
    }],
  },
  {
    type: 'AWS::EC2::Instance',
    rights: [
      // The emulator finds no resource in EC2's requests.
      { actions: ['ec2:RunInstances', 'ec2:DescribeInstances', 'ec2:TerminateInstances', 'ec2:CreateTags'], resources: ['*'] },
      ...passRole('ec2.amazonaws.com'),
    ],
  },
  ...(['Ingress', 'Egress'] as const).map((direction): BridgedType => ({
    type: `AWS::EC2::SecurityGroup${direction}`,
    rights: [{
      actions: [
        `ec2:AuthorizeSecurityGroup${direction}`, `ec2:RevokeSecurityGroup${direction}`, `ec2:UpdateSecurityGroupRuleDescriptions${direction}`,
      ],
      resources: ['*'], // as for instances
    }],
  })),
  { type: 'AWS::SSM::Document', rights: [] }, // recorded by the host of the local devices
  ...GREENGRASS_TYPES,
  ...ENDPOINT_TYPES,
  ...STUDIO_TYPES,
  {
    type: 'AWS::CodeCommit::Repository',
    rights: [{
      actions: [
        'codecommit:CreateRepository', 'codecommit:GetRepository', 'codecommit:DeleteRepository', 'codecommit:UpdateRepositoryName',
        'codecommit:UpdateRepositoryDescription', 'codecommit:TagResource', 'codecommit:UntagResource',
      ],
      resources: ['codecommit:*'],
    }],
  },
  {
    type: 'AWS::StepFunctions::StateMachine', isLacking: ({ DefinitionString }) => hasIntegration(DefinitionString),
    rights: [
      {
        actions: ['states:CreateStateMachine', 'states:DescribeStateMachine', 'states:UpdateStateMachine', 'states:DeleteStateMachine', 'states:TagResource'],
        resources: ['states:stateMachine:*'],
      },
      ...passRole('states.amazonaws.com'),
    ],
  },
  {
    // CDK's own handler cannot run here: its deletion asks for tags, with which the emulator answers an error where there are none
    type: 'Custom::S3AutoDeleteObjects', keepsType: true,
    rights: [{
      actions: ['s3:ListBucketVersions', 's3:ListBucket', 's3:DeleteObject', 's3:DeleteObjectVersion'],
      resources: ['arn:aws:s3:::*'],
    }],
  },
];

/** The type under which the emulator's CloudFormation calls the bridge. */
export function bridgedTypeName({ type, keepsType }: BridgedType): string {
  return keepsType === true ? type : `Custom::${type.replaceAll('::', '-')}`;
}
