import { errorText } from '../service/errors';
import { Schema } from '../service/validator';
import type { Context } from './context';
import { invalid } from './errors';
import type { PackagingRequest } from './types';

interface PresetConfig { readonly ComponentName?: string; readonly ComponentVersion?: string }

/** `PresetDeploymentConfig`, a JSON string: the service's model knows no more of it. The members are the developer guide's. */
const CONFIG = new Schema<PresetConfig>({
  Config: {
    type: 'structure',
    members: {
      ComponentName: { shape: 'Name' }, ComponentDescription: { shape: 'Text' }, ComponentVersion: { shape: 'Version' },
      PlatformOS: { shape: 'Os' }, PlatformArchitecture: { shape: 'Architecture' },
    },
  },
  Name: { type: 'string', min: 1, max: 128, pattern: '[a-zA-Z0-9-_.]+' },
  Text: { type: 'string' },
  Version: { type: 'string', min: 1, max: 64, pattern: String.raw`\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?` },
  Os: { type: 'string', enum: ['Windows', 'Linux'] },
  Architecture: { type: 'string', enum: ['Windows32_x86', 'Windows64_x64', 'Linux x86_64', 'Linux ARMV8'] },
}, 'Config', invalid);

/** The guide names no default version. */
const DEFAULT_VERSION = '1.0.0';

export interface PresetOutput {
  readonly Type: 'GreengrassV2Component';
  readonly Artifact?: string;
  readonly Status: 'COMPLETED' | 'FAILED';
  readonly StatusMessage?: string;
}

/** The Greengrass components that packaging jobs made. The local cloud has no Greengrass: only name and version are kept. */
export class PresetComponents {
  private readonly made = new Set<string>();

  public constructor(private readonly context: Context) {}

  /** Throws a ValidationException for a configuration that is not one. */
  public check(request: PackagingRequest): void {
    componentOf(request);
  }

  /** A component version is immutable: one that exists fails the deployment, not the job. `asked` is a fault's reason. */
  public async deploy(request: PackagingRequest, asked: string | undefined): Promise<PresetOutput | undefined> {
    const failed = (StatusMessage: string): PresetOutput => ({ Type: 'GreengrassV2Component', Status: 'FAILED', StatusMessage });
    if (asked !== undefined) { return failed(asked); }
    const component = componentOf(request);
    if (!component) { return undefined; }
    const { arns, options } = this.context;
    const action = 'greengrass:CreateComponentVersion';
    const role = { arn: request.RoleArn, roleArn: request.RoleArn, isRoot: false };
    try {
      if (!await options.authority.authorize(role, action, arns.component(component.name))) { return failed(`${request.RoleArn} is not authorized to perform: ${action}`); }
    } catch (error) {
      return failed(errorText(error));
    }
    const arn = arns.component(component.name, component.version);
    if (this.made.has(arn)) { return failed(`ConflictException: component ${component.name} version ${component.version} already exists`); }
    this.made.add(arn);
    return { Type: 'GreengrassV2Component', Artifact: arn, Status: 'COMPLETED' };
  }
}

function componentOf({ EdgePackagingJobName, OutputConfig }: PackagingRequest): { readonly name: string; readonly version: string } | undefined {
  const { PresetDeploymentType, PresetDeploymentConfig = '{}' } = OutputConfig;
  if (PresetDeploymentType === undefined) {
    if (OutputConfig.PresetDeploymentConfig !== undefined) { throw invalid('PresetDeploymentConfig needs a PresetDeploymentType'); }
    return undefined;
  }
  let config: unknown;
  try {
    config = JSON.parse(PresetDeploymentConfig);
  } catch {
    throw invalid(`PresetDeploymentConfig is not valid JSON: ${PresetDeploymentConfig}`);
  }
  const { ComponentName = `SagemakerEdgeManager${EdgePackagingJobName}`, ComponentVersion = DEFAULT_VERSION } = CONFIG.validated(config);
  return { name: ComponentName, version: ComponentVersion };
}
