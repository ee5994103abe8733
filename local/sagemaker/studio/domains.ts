import { randomBytes } from 'node:crypto';
import type { Context } from '../context';
import { inUse, invalid } from '../errors';
import { page } from '../listing';
import { taggingRights } from '../tags';
import type { DomainRequest, SageMakerOperations, StudioUserSettings } from '../types';
import type { StudioImages } from './images';
import type { Life } from './life';
import { dates, enter, Records, times, type StudioRecord } from './records';

/** Domains, and the file systems with home directories that they leave. */
export class Domains {
  /** What is in a domain, in words; a domain with something in it is not deleted. */
  public contents: (domainId: string) => readonly string[] = () => [];
  private readonly domains = new Records<DomainRequest>('Domain');
  /** By domain. */
  private readonly homes = new Map<string, string>();

  public constructor(private readonly context: Context, private readonly life: Life, private readonly images: StudioImages) {}

  /** Throws unless it is in service. */
  public usable(domainId: string): StudioRecord<DomainRequest> {
    const domain = this.domains.get(domainId);
    if (domain.status !== 'InService') {
      throw invalid(`Domain [${domainId}] is not InService, but ${domain.status}`);
    }
    return domain;
  }

  public state(): readonly object[] {
    const kept = [...this.homes].filter(([domainId]) => this.domains.find(domainId) === undefined);
    return [
      ...this.domains.all().map((domain) => ({ ...domain.request, DomainArn: domain.arn, Status: domain.status })),
      ...kept.map(([domainId, fileSystem]) => ({ HomeEfsFileSystemId: fileSystem, KeptOf: domainId })),
    ];
  }

  public operations(): SageMakerOperations {
    const { arns } = this.context;
    const resources = ({ DomainId }: { readonly DomainId: string }): readonly string[] => [arns.studio('domain', DomainId)];
    const any = [arns.studio('domain', '*')]; // its ID is not known before
    return {
      CreateDomain: {
        resources: () => any,
        role: ({ DefaultUserSettings: { ExecutionRole } }) => ExecutionRole,
        rights: ({ Tags }) => taggingRights(Tags, any),
        run: (request) => this.create(request),
      },
      ListDomains: {
        run: (request) => {
          const { items, NextToken } = page(this.domains.all(), request);
          const domains = items.map((domain) => {
            const id = domain.arn.slice(domain.arn.lastIndexOf('/') + 1);
            const { arn, request: { DomainName }, status } = domain;
            return { DomainArn: arn, DomainId: id, DomainName, Status: status, Url: this.url(id), ...dates(domain) };
          });
          return { Domains: domains, NextToken };
        },
      },
      DescribeDomain: { resources, run: ({ DomainId }) => this.described(DomainId) },
      UpdateDomain: {
        resources, role: ({ DefaultUserSettings: settings }) => settings?.ExecutionRole,
        run: ({ DomainId, DefaultUserSettings: settings }) => {
          const domain = this.domains.get(DomainId);
          if (domain.status !== 'InService' && domain.status !== 'Update_Failed') {
            throw inUse(`Domain [${DomainId}] is being changed: its status is ${domain.status}`);
          }
          this.checkImages(settings);
          domain.request = { ...domain.request, DefaultUserSettings: { ...domain.request.DefaultUserSettings, ...settings } };
          this.become(domain, 'Updating', 'InService');
          return { DomainArn: domain.arn };
        },
      },
      DeleteDomain: {
        resources,
        run: ({ DomainId, RetentionPolicy }) => {
          const domain = this.domains.get(DomainId);
          const contents = this.contents(DomainId);
          if (contents.length > 0) {
            throw inUse(`Unable to delete Domain ${DomainId} because ${contents.join(', ')} are associated with it`);
          }
          enter(domain, 'Deleting');
          this.life.later(() => {
            this.domains.delete(DomainId);
            this.context.tags.delete(domain.arn);
            if (RetentionPolicy?.HomeEfsFileSystem === 'Delete') {
              this.homes.delete(DomainId);
            }
          });
          return undefined;
        },
      },
    };
  }

  /** Whether the image of this version is among those that applications of the domain can run. */
  public hasImage(domainId: string, appType: string, name: string): boolean {
    const { JupyterLabAppSettings: lab, CodeEditorAppSettings: editor } = this.domains.get(domainId).request.DefaultUserSettings;
    return ((appType === 'JupyterLab' ? lab : editor)?.CustomImages ?? []).some(({ ImageName }) => ImageName === name);
  }

  private create(request: DomainRequest): object {
    if (request.AuthMode !== 'IAM') {
      throw invalid(`The local stand-in signs in with IAM alone, got AuthMode ${request.AuthMode}`);
    }
    if (request.VpcId === undefined || request.SubnetIds === undefined) {
      throw invalid('VpcId and SubnetIds must be given: the local stand-in has no network of its own');
    }
    this.checkImages(request.DefaultUserSettings);
    const id = `d-${randomBytes(6).toString('hex')}`;
    const domain = this.domains.add(id, this.context.arns.studio('domain', id), request, 'Pending');
    this.homes.set(id, `fs-${randomBytes(8).toString('hex')}`);
    this.context.tags.create(domain.arn, request.Tags);
    const fault = this.context.faults.takeJob(request.DomainName);
    this.life.later(() => {
      if (fault?.become === 'FAILED') {
        enter(domain, 'Failed', fault.reason ?? 'A fault of the stand-in was asked for');
      } else {
        enter(domain, 'InService');
      }
    });
    return { DomainArn: domain.arn, DomainId: id, Url: this.url(id) };
  }

  private described(domainId: string): object {
    const domain = this.domains.get(domainId);
    return {
      ...domain.request, Tags: undefined, DomainArn: domain.arn, DomainId: domainId, Status: domain.status, Url: this.url(domainId),
      HomeEfsFileSystemId: this.homes.get(domainId), ...times(domain),
    };
  }

  private checkImages(settings: StudioUserSettings | undefined): void {
    const { CodeEditorAppSettings: editor, JupyterLabAppSettings: lab } = settings ?? {};
    for (const [appType, of] of [['JupyterLab', lab], ['CodeEditor', editor]] as const) {
      for (const { AppImageConfigName: config, ImageName: name, ImageVersionNumber: version } of of?.CustomImages ?? []) {
        this.images.check({ name, config, ...version === undefined ? {} : { version } }, appType);
      }
    }
  }

  private become(domain: StudioRecord<DomainRequest>, now: string, then: string): void {
    enter(domain, now);
    this.life.later(() => {
      enter(domain, then);
    });
  }

  private url(domainId: string): string {
    return `https://${domainId}.studio.${this.context.options.region}.sagemaker.aws`;
  }
}
