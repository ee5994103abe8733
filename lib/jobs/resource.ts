import type { aws_iam as iam } from 'aws-cdk-lib';
import { Lazy, TagManager, TagType, Token, Tokenization, type CustomResource, type Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type {
  CompilationJobProperties, CompilationJobResourceType, JobTag, PackagingJobProperties, PackagingJobResourceType,
} from './contract';
import { JobProvider, type JobKind } from './provider';
import { sortedByKey } from '../private/objects';
import { validateTrust } from '../private/trust';
import { validateInteger, validateText, ValidationError, type TextRule } from '../private/validation';

/** The provider's hour, less what a start (8 minutes), a stop (4) and an answer (3) may take. */
const MAX_RUNTIME_SECONDS = 45 * 60;

/** No character that IAM would read as a wildcard or a variable, and a whole folder. */
const PREFIX: TextRule = {
  min: 1, max: 512, pattern: /^[a-zA-Z0-9!_.'()-]+(\/[a-zA-Z0-9!_.'()-]+)*$/,
  wanted: "path segments of letters, digits and ! _ . ' ( ) -, with a slash between and at neither end",
};
const TAG_PATTERN = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

type Common = 'NamePrefix' | 'RoleArn' | 'MaxRuntimeInSeconds' | 'Tags';
type Fixed = Exclude<Common, 'Tags'>;

/** A job's custom resource, but for what all jobs have. */
export interface JobResourceProps {
  readonly role: iam.IRole;
  /** What the role was granted for this job: all of it comes before the job. */
  readonly grants: readonly iam.Grant[];
  readonly maxRuntime: Duration;
  readonly tags: TagManager;
}

export function compilationResource(
  scope: Construct, props: JobResourceProps, own: Omit<CompilationJobProperties, Common>,
): CustomResource {
  const resourceType: CompilationJobResourceType = 'Custom::SageMakerEdge-CompilationJob';
  return jobResource(scope, 'compilation-job', resourceType, props, own);
}

export function packagingResource(scope: Construct, props: JobResourceProps, own: Omit<PackagingJobProperties, Common>): CustomResource {
  const resourceType: PackagingJobResourceType = 'Custom::SageMakerEdge-PackagingJob';
  return jobResource(scope, 'edge-packaging-job', resourceType, props, own);
}

/** The tags of a job, to which `Tags.of(…)` adds. */
export function jobTags(
  resourceType: CompilationJobResourceType | PackagingJobResourceType, tags: Readonly<Record<string, string>> | undefined,
): TagManager {
  return new TagManager(TagType.MAP, resourceType, tags);
}

/** Throws unless the handler has the time to see the job's end. */
export function validateMaxRuntime(scope: Construct, maxRuntime: Duration): void {
  if (maxRuntime.isUnresolved()) {
    return;
  }
  validateInteger(scope, 'maxRuntime in seconds', maxRuntime.toSeconds({ integral: false }), 1, MAX_RUNTIME_SECONDS);
}

export function validateOutputPrefix(scope: Construct, prefix: string): void {
  validateText(scope, 'outputPrefix', prefix, PREFIX);
}

function jobResource(scope: Construct, kind: JobKind, resourceType: string, props: JobResourceProps, own: object): CustomResource {
  renderTags(scope, props.tags); // those that are given: an error now has the user's line in its trace
  validateTrust(scope, 'role', props.role, ['sagemaker.amazonaws.com']);
  const provider = JobProvider.getOrCreate(scope);
  const start = provider.grantStart(scope, kind, props.role);
  const common: Pick<CompilationJobProperties, Fixed> = {
    NamePrefix: provider.namePrefix,
    RoleArn: props.role.roleArn,
    MaxRuntimeInSeconds: Tokenization.stringifyNumber(props.maxRuntime.toSeconds()),
  };
  const resource = provider.customResource(scope, 'Resource', {
    resourceType,
    // `Tags.of(…)` adds tags until the template is made.
    properties: { ...own, ...common, Tags: Lazy.any({ produce: () => renderTags(scope, props.tags) }, { omitEmptyArray: true }) },
  });
  // The whole provider, not just its entry: its rights and its log must outlive the Delete.
  resource.node.addDependency(provider, start);
  for (const grant of props.grants) {
    grant.applyBefore(resource);
  }
  return resource;
}

function renderTags(scope: Construct, tags: TagManager): JobTag[] {
  const entries = Object.entries(sortedByKey(tags.tagValues()));
  if (entries.length > 50) {
    throw new ValidationError(scope, `tags must be at most 50, got ${entries.length}`);
  }
  return entries.map(([Key, Value]) => {
    validateText(scope, 'key of a tag', Key, {
      min: 1,
      max: 128,
      pattern: TAG_PATTERN,
      wanted: 'letters, digits, blanks and _ . : / = + - @',
    });
    validateText(scope, `value of tag '${Key}'`, Value, {
      max: 256,
      pattern: TAG_PATTERN,
      wanted: 'letters, digits, blanks and _ . : / = + - @',
    });
    if (Key.toLowerCase().startsWith('aws:') && !Token.isUnresolved(Key)) {
      throw new ValidationError(scope, `key of a tag must not begin with 'aws:', got '${Key}'`);
    }
    return { Key, Value };
  });
}
