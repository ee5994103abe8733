import type { CustomImage, DescribeDomainCommandOutput, UserSettings } from '@aws-sdk/client-sagemaker';
import type { StudioImageAttachmentProperties } from '../../../lib/experiments/private/studio/resources';
import { ignoringNotFound } from '../../shared/errors';
import type { PropertyReader } from '../../shared/properties';
import { done, waiting, type Outcome } from '../../shared/resource-handler';
import { StudioHandler } from './studio-handler';

/** A domain changes for a minute or two after each of the states it can be changed in. */
const STEADY = new Set(['InService', 'Update_Failed']);

/**
 * One entry in the list of images of a domain that others use too. Each change reads the settings of the application, changes this one
 * entry, and writes them back; SageMaker refuses it while another change is at work, and then it is read again. What others have put
 * there is never lost, nor brought back.
 */
export class StudioImageAttachment extends StudioHandler<StudioImageAttachmentProperties> {
  protected parse(properties: PropertyReader): StudioImageAttachmentProperties {
    return {
      DomainId: properties.text('DomainId'), AppType: properties.choice('AppType', ['JupyterLab', 'CodeEditor']),
      ImageName: properties.text('ImageName'), AppImageConfigName: properties.text('AppImageConfigName'),
      ImageVersionNumber: String(properties.wholeNumber('ImageVersionNumber', 0)),
    };
  }

  protected id({ AppImageConfigName: config, AppType: app, DomainId: domain, ImageName: image }: StudioImageAttachmentProperties): string {
    return `${domain}/${app}/${image}/${config}`;
  }

  protected async apply(properties: StudioImageAttachmentProperties): Promise<Outcome> {
    const domain = await ignoringNotFound(() => this.studio.describeDomain({ DomainId: properties.DomainId }));
    if (domain === undefined) {
      throw new Error(`the Studio domain ${properties.DomainId} does not exist in this account and region`);
    }
    const wanted: CustomImage = {
      ImageName: properties.ImageName, AppImageConfigName: properties.AppImageConfigName,
      ImageVersionNumber: Number(properties.ImageVersionNumber),
    };
    const images = imagesOf(domain, properties);
    if (images.some((image) => isSame(image, wanted) && image.ImageVersionNumber === wanted.ImageVersionNumber)) {
      return this.settled(domain, properties);
    }
    // in its place, so that the order that people see stays
    const isThere = images.some((image) => isSame(image, wanted));
    const replaced = images.map((image) => (isSame(image, wanted) ? wanted : image));
    return await this.change(domain, properties, isThere ? replaced : [...images, wanted]);
  }

  protected async remove(properties: StudioImageAttachmentProperties): Promise<Outcome> {
    const domain = await ignoringNotFound(() => this.studio.describeDomain({ DomainId: properties.DomainId }));
    if (domain === undefined || domain.Status === 'Deleting') {
      return done();
    }
    const images = imagesOf(domain, properties);
    const left = images.filter((image) => !isSame(image, properties));
    return left.length === images.length ? this.settled(domain, properties) : await this.change(domain, properties, left);
  }

  /** Nothing is left to do, but an update may be at work still, and fail. */
  private settled({ Status }: Domain, { DomainId }: StudioImageAttachmentProperties): Outcome {
    return Status === 'Updating' ? waiting(`the update of the domain ${DomainId}`) : done();
  }

  private async change(domain: Domain, properties: StudioImageAttachmentProperties, CustomImages: CustomImage[]): Promise<Outcome> {
    const { AppType, DomainId } = properties;
    const { DefaultUserSettings: settings, FailureReason, Status = '' } = domain;
    if (Status === 'Updating' || Status === 'Pending') {
      return waiting(`the domain ${DomainId}, which is ${Status}`);
    }
    if (!STEADY.has(Status)) {
      const reason = FailureReason ?? 'SageMaker gives no reason';
      throw new Error(`the Studio domain ${DomainId} must be InService to change its images, got ${Status}: ${reason}`);
    }
    const key = settingsKey(AppType);
    await this.studio.updateDomain({ DomainId, DefaultUserSettings: { [key]: { ...settings?.[key], CustomImages } } });
    return waiting(`the update of the domain ${DomainId}`);
  }
}

type Domain = Pick<DescribeDomainCommandOutput, 'Status' | 'FailureReason' | 'DefaultUserSettings'>;

function settingsKey(app: StudioImageAttachmentProperties['AppType']): 'JupyterLabAppSettings' | 'CodeEditorAppSettings' {
  return app === 'JupyterLab' ? 'JupyterLabAppSettings' : 'CodeEditorAppSettings';
}

function imagesOf({ DefaultUserSettings: settings }: Domain, { AppType }: StudioImageAttachmentProperties): readonly CustomImage[] {
  const all: UserSettings = settings ?? {};
  return all[settingsKey(AppType)]?.CustomImages ?? [];
}

function isSame(image: CustomImage, { AppImageConfigName, ImageName }: Pick<CustomImage, 'AppImageConfigName' | 'ImageName'>): boolean {
  return image.ImageName === ImageName && image.AppImageConfigName === AppImageConfigName;
}
