import { aws_iam as iam, Tokenization, type CustomResource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { StudioAppType } from '../../studio-app-type';
import type { IStudioImage } from '../../studio-image';
import { StudioProvider } from './provider';
import type { StudioImageAttachmentProperties, StudioImageAttachmentType } from './resources';

/** That an image is attached to a domain that another stack, or a person, has made. Nothing else of the domain is changed. */
export class ImageAttachment extends Construct {
  public constructor(scope: Construct, id: string, { appType, domainArn, domainId, image }: {
    readonly domainId: string;
    readonly domainArn: string;
    readonly appType: StudioAppType;
    readonly image: IStudioImage;
  }) {
    super(scope, id);
    const provider = StudioProvider.getOrCreate(this);
    const rights = provider.grant(this, 'Rights', new iam.PolicyStatement({
      actions: ['sagemaker:DescribeDomain', 'sagemaker:UpdateDomain'], resources: [domainArn],
    }));
    const resource: CustomResource = provider.customResource(this, 'Resource', {
      resourceType: 'Custom::SageMakerEdge-StudioImageAttachment' satisfies StudioImageAttachmentType,
      serviceTimeout: provider.serviceTimeout,
      properties: {
        DomainId: domainId, AppType: appType, ImageName: image.imageName, AppImageConfigName: image.appImageConfigName(appType),
        ImageVersionNumber: Tokenization.stringifyNumber(image.imageVersionNumber),
      } satisfies StudioImageAttachmentProperties,
    });
    resource.node.addDependency(rights, image);
  }
}
