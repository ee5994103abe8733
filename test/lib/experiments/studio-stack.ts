import { aws_ec2 as ec2, aws_ecr as ecr, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { StudioDomain, StudioImage, StudioImageSource, type IStudioDomain, type StudioAppType, type StudioDomainProps } from '../../../lib';

export const DOMAIN = 'AWS::SageMaker::Domain';
export const USER = 'AWS::SageMaker::UserProfile';
export const SPACE = 'AWS::SageMaker::Space';
export const CLEANUP = 'Custom::SageMakerEdge-StudioCleanup';
export const ATTACHMENT = 'Custom::SageMakerEdge-StudioImageAttachment';

export function domainIn(stack: Stack, props: Partial<StudioDomainProps> = {}): StudioDomain {
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
  return new StudioDomain(stack, 'Domain', { vpc, ...props });
}

export function imageIn(stack: Stack, appTypes?: StudioAppType[]): StudioImage {
  const source = StudioImageSource.fromEcr(ecr.Repository.fromRepositoryName(stack, 'Repository', 'studio'), '1');
  return new StudioImage(stack, 'Image', { source, appTypes });
}

export const existingIn = (stack: Stack): IStudioDomain => StudioDomain.fromDomainId(stack, 'Existing', 'd-existing');

/** The logical ids that what has this property must wait for. */
export function dependencies(stack: Stack, type: string, properties: object = {}): readonly string[] {
  const [found] = Object.values(Template.fromStack(stack).findResources(type, { Properties: properties }));
  return (found as { DependsOn?: string[] } | undefined)?.DependsOn ?? [];
}
