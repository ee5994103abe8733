import type { Context } from '../context';
import { inUse, invalid } from '../errors';
import { taggingRights } from '../tags';
import type {
  AppImageConfigRequest, ImageRequest, ImageVersionRequest, LifecycleConfigRequest, ListRequest, SageMakerOperations,
} from '../types';
import type { Life } from './life';
import { dates, enter, listed, Records, times, type StudioRecord } from './records';

interface Named { readonly name: string }

/** Images of Studio, their versions, how applications run them, and scripts that run at a start. Nothing is pulled, nothing runs. */
export class StudioImages {
  private readonly images = new Records<ImageRequest>('Image');
  private readonly versions = new Records<ImageVersionRequest>('ImageVersion');
  private readonly configs = new Records<AppImageConfigRequest>('AppImageConfig');
  private readonly scripts = new Records<LifecycleConfigRequest>('StudioLifecycleConfig');
  private readonly counters = new Map<string, number>();

  public constructor(private readonly context: Context, private readonly life: Life) {}

  /** Throws where an application could not run the image with this configuration. */
  public check({ name, config, version }: {
    readonly name: string;
    readonly config: string;
    readonly version?: number;
  }, appType: string): void {
    this.images.get(name);
    const { request } = this.configs.get(config);
    const isFor = appType === 'JupyterLab' ? request.JupyterLabAppImageConfig : request.CodeEditorAppImageConfig;
    if (isFor === undefined) {
      throw invalid(`AppImageConfig [${config}] is not for ${appType}`);
    }
    const versions = this.versions.all().filter((each) => each.request.ImageName === name && each.status === 'CREATED');
    if (!versions.some(({ arn }) => version === undefined || arn.endsWith(`/${version}`))) {
      throw invalid(`Image [${name}] has no version ${version ?? ''} that is CREATED`);
    }
  }

  /** The name of the image of a version. Throws ResourceNotFound. */
  public imageOfVersion(arn: string): string {
    return this.versions.get(arn.slice(arn.indexOf(':image-version/') + ':image-version/'.length)).request.ImageName;
  }

  public state(): readonly object[] {
    return [
      ...this.images.all(), ...this.versions.all(), ...this.configs.all(), ...this.scripts.all(),
    ].map(({ arn, status }) => ({ Arn: arn, Status: status }));
  }

  public operations(): SageMakerOperations {
    const { arns } = this.context;
    const image = ({ ImageName }: { readonly ImageName: string }): readonly string[] => [arns.studio('image', ImageName.toLowerCase())];
    const version = ({ ImageName, Version }: { readonly ImageName: string; readonly Version?: number }): readonly string[] => (
      [arns.studio('image-version', `${ImageName.toLowerCase()}/${Version ?? this.newest(ImageName)}`)]
    );
    const config = ({ AppImageConfigName: name }: { readonly AppImageConfigName: string }): readonly string[] => [arns.studio('app-image-config', name)];
    const script = ({ StudioLifecycleConfigName: name }: { readonly StudioLifecycleConfigName: string }): readonly string[] => (
      [arns.studio('studio-lifecycle-config', name)]
    );
    return {
      ...this.lists(),
      CreateImage: {
        resources: image, role: ({ RoleArn }) => RoleArn, rights: (request) => taggingRights(request.Tags, image(request)),
        run: (request) => ({
          ImageArn: this.create(this.images, request, { name: request.ImageName, arn: image(request)[0] ?? '' }, 'CREATING').arn,
        }),
      },
      DescribeImage: {
        resources: image,
        run: ({ ImageName }) => {
          const found = this.images.get(ImageName);
          return { ...found.request, Tags: undefined, ImageArn: found.arn, ImageStatus: found.status, ...times(found) };
        },
      },
      DeleteImage: {
        resources: image,
        run: ({ ImageName }) => {
          const { arn } = this.images.get(ImageName);
          for (const version of this.versions.all().filter(({ request }) => request.ImageName === ImageName)) {
            const key = version.arn.slice(version.arn.lastIndexOf('/') + 1); // "Deletes a SageMaker image and all versions of the image"
            this.remove(this.versions, version, { name: `${arn.slice(arn.lastIndexOf('/') + 1)}/${key}` });
          }
          this.remove(this.images, this.images.get(ImageName), { name: ImageName });
          return {};
        },
      },
      CreateImageVersion: { resources: image, run: (request) => this.addVersion(request) },
      DescribeImageVersion: {
        resources: version,
        run: ({ ImageName, Version = this.newest(ImageName) }) => {
          const found = this.versions.get(`${ImageName.toLowerCase()}/${Version}`);
          return {
            BaseImage: found.request.BaseImage,
            ContainerImage: found.request.BaseImage,
            ImageArn: arns.studio('image', ImageName.toLowerCase()),
            ImageVersionArn: found.arn, ImageVersionStatus: found.status, Version, ...times(found),
          };
        },
      },
      DeleteImageVersion: {
        resources: version,
        run: ({ ImageName, Version = this.newest(ImageName) }) => {
          const key = `${ImageName.toLowerCase()}/${Version}`;
          this.remove(this.versions, this.versions.get(key), { name: key });
          return {};
        },
      },
      CreateAppImageConfig: {
        resources: config, rights: (request) => taggingRights(request.Tags, config(request)),
        run: (request) => {
          const {
            AppImageConfigName: name, CodeEditorAppImageConfig: editor, JupyterLabAppImageConfig: lab,
            KernelGatewayImageConfig: kernel,
          } = request;
          if ([editor, lab, kernel].filter((each) => each !== undefined).length !== 1) {
            throw invalid('Exactly one of KernelGatewayImageConfig, JupyterLabAppImageConfig and CodeEditorAppImageConfig must be given');
          }
          return { AppImageConfigArn: this.create(this.configs, request, { name, arn: config(request)[0] ?? '' }, '').arn };
        },
      },
      DescribeAppImageConfig: {
        resources: config,
        run: ({ AppImageConfigName }) => {
          const found = this.configs.get(AppImageConfigName);
          return { ...found.request, Tags: undefined, AppImageConfigArn: found.arn, ...times(found) };
        },
      },
      UpdateAppImageConfig: {
        resources: config,
        run: (request) => {
          const found = this.configs.get(request.AppImageConfigName);
          found.request = { ...found.request, ...request };
          return { AppImageConfigArn: found.arn };
        },
      },
      DeleteAppImageConfig: {
        resources: config,
        run: ({ AppImageConfigName: name }) => {
          this.forget(this.configs, this.configs.get(name), { name });
          return undefined;
        },
      },
      CreateStudioLifecycleConfig: {
        resources: script, rights: (request) => taggingRights(request.Tags, script(request)),
        run: (request) => ({
          StudioLifecycleConfigArn: this.create(
            this.scripts,
            request,
            { name: request.StudioLifecycleConfigName, arn: script(request)[0] ?? '' },
            '',
          ).arn,
        }),
      },
      DescribeStudioLifecycleConfig: {
        resources: script,
        run: ({ StudioLifecycleConfigName }) => {
          const found = this.scripts.get(StudioLifecycleConfigName);
          return { ...found.request, Tags: undefined, StudioLifecycleConfigArn: found.arn, ...times(found) };
        },
      },
      DeleteStudioLifecycleConfig: {
        resources: script,
        run: ({ StudioLifecycleConfigName: name }) => {
          this.forget(this.scripts, this.scripts.get(name), { name });
          return undefined;
        },
      },
    };
  }

  private lists(): SageMakerOperations {
    return {
      ListImages: {
        run: (request) => {
          const { items, NextToken } = listed(this.images.all(), ({ ImageName }) => ImageName, request);
          const images = items.map((image) => {
            const { Description, DisplayName, ImageName } = image.request;
            return { ImageArn: image.arn, ImageName, ImageStatus: image.status, Description, DisplayName, ...times(image) };
          });
          return { Images: images, NextToken };
        },
      },
      ListAppImageConfigs: {
        run: (request) => {
          const { items, NextToken } = listed(this.configs.all(), ({ AppImageConfigName: name }) => name, byModified(request));
          const configs = items.map((config) => ({ ...config.request, Tags: undefined, AppImageConfigArn: config.arn, ...dates(config) }));
          return { AppImageConfigs: configs, NextToken };
        },
      },
      ListStudioLifecycleConfigs: {
        run: (request) => {
          const found = this.scripts.all().filter(({ request: { StudioLifecycleConfigAppType: appType } }) => (
            appType === (request.AppTypeEquals ?? appType)
          ));
          const { items, NextToken } = listed(found, ({ StudioLifecycleConfigName: name }) => name, byModified(request));
          const configs = items.map((script) => {
            const { StudioLifecycleConfigAppType, StudioLifecycleConfigName } = script.request;
            return { StudioLifecycleConfigArn: script.arn, StudioLifecycleConfigAppType, StudioLifecycleConfigName, ...dates(script) };
          });
          return { StudioLifecycleConfigs: configs, NextToken };
        },
      },
    };
  }

  private create<R extends { readonly Tags?: ImageRequest['Tags'] }>(
    records: Records<R>, request: R, { name, arn }: Named & { readonly arn: string }, status: string,
  ): StudioRecord<R> {
    if (records.find(name) !== undefined) {
      throw inUse(`${arn} already exists`);
    }
    const record = records.add(name, arn, request, status);
    this.context.tags.create(arn, request.Tags);
    if (status !== '') {
      this.life.later(() => {
        enter(record, 'CREATED');
      });
    }
    return record;
  }

  private addVersion(request: ImageVersionRequest): object {
    const { ImageName: name } = request;
    this.images.get(name);
    const number = (this.counters.get(name) ?? 0) + 1;
    this.counters.set(name, number);
    const key = `${name.toLowerCase()}/${number}`;
    const arn = this.context.arns.studio('image-version', key);
    const record = this.versions.add(key, arn, request, 'CREATING');
    const fault = this.context.faults.takeJob(name);
    this.life.later(() => {
      if (fault?.become === 'FAILED') {
        enter(record, 'CREATE_FAILED', fault.reason ?? 'The image could not be found in ECR');
      } else {
        enter(record, 'CREATED');
      }
    });
    return { ImageVersionArn: arn };
  }

  private newest(name: string): number {
    return this.counters.get(name) ?? 0;
  }

  private remove<R>(records: Records<R>, record: StudioRecord<R>, named: Named): void {
    enter(record, 'DELETING');
    this.life.later(() => {
      this.forget(records, record, named);
    });
  }

  private forget<R>(records: Records<R>, { arn }: StudioRecord<R>, { name }: Named): void {
    records.delete(name);
    this.context.tags.delete(arn);
  }
}

interface ByModified { readonly ModifiedTimeAfter?: number; readonly ModifiedTimeBefore?: number }
type ModifiedTimes = Pick<ListRequest, 'LastModifiedTimeAfter' | 'LastModifiedTimeBefore'>;

/** In the words of the other lists. */
function byModified<R extends ByModified>(request: R): R & ModifiedTimes {
  const { ModifiedTimeAfter: after, ModifiedTimeBefore: before } = request;
  return { ...request, LastModifiedTimeAfter: after, LastModifiedTimeBefore: before };
}
