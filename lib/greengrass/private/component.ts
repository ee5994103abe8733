import {
  aws_greengrassv2 as greengrass, aws_iam as iam, aws_iot as iot, aws_s3 as s3,
  Annotations, ArnFormat, Aws, Fn, Reference, RemovalPolicy, Stack, Token, Tokenization, type CustomResource, type IResolvable,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { shortHash } from '../../private/naming';
import type { ComponentPlatform } from '../component-platform';
import { artifactFingerprint, type BoundArtifact } from './artifact';
import type { ArtifactCopy, ComponentArtifactsProperties, ComponentArtifactsType, OwnerTag } from './contract';
import { renderConfiguration } from '../../private/objects';
import { KEEP_OBJECTS, ownBucket } from '../../private/own-bucket';
import { claimName } from '../../private/physical-names';
import { GreengrassProvider } from './provider';
import { versionOfContent, type VersionBase } from './names';
import { LITE, liteBytes, MAX_LITE_RECIPE_BYTES, MAX_RECIPE_BYTES, type Recipe, type RecipeDependency } from './recipe';
import { checkRecipe } from './recipe-check';
import { renderArtifact } from './render';
import { TokenLength } from '../../private/token-length';
import { validateText, ValidationError } from '../../private/validation';
import { acknowledgeWildcards } from '../../private/nag/acknowledge';

/** The definition of a component, as its construct has it. */
export interface ComponentDefinition {
  readonly componentName: string;
  /** Undefined: derived from the content. */
  readonly componentVersion?: string;
  /** What a derived version begins with; 1 and 0 by default. */
  readonly versionBase?: VersionBase;
  readonly description?: string;
  readonly publisher?: string;
  readonly configuration?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, RecipeDependency>>;
  readonly manifests: readonly ManifestDefinition[];
  readonly artifactBucket?: s3.IBucket;
  readonly removalPolicy?: RemovalPolicy;
}

export interface ManifestDefinition {
  readonly platform: Readonly<Record<string, string>>;
  readonly lifecycle: Readonly<Record<string, unknown>>;
  readonly artifacts: readonly BoundArtifact[];
}

/**
 * The manifests of a component that runs nothing, for both kinds of nucleus. Lite's is the first, since classic's matches lite too. Lite
 * refuses a manifest without steps, and binds a component to the processes of those that it depends on: so there is one that sleeps.
 */
export function fileManifests(
  classic: ComponentPlatform, lite: ComponentPlatform, artifacts: readonly BoundArtifact[],
): ManifestDefinition[] {
  return [
    { platform: lite._render(), lifecycle: { run: { Script: 'exec sleep infinity' } }, artifacts },
    { platform: classic._render(), lifecycle: {}, artifacts },
  ];
}

/** A component version and the bucket of its artifacts. */
export interface DefinedComponent {
  readonly componentVersion: string;
  readonly artifactBucket: s3.IBucket;
  readonly resource: greengrass.CfnComponentVersion;
}

/** Create the component version under `scope`. It depends on its artifacts being in their place. */
export function defineComponent(scope: Construct, definition: ComponentDefinition): DefinedComponent {
  const removalPolicy = definition.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
  const artifactBucket = definition.artifactBucket ?? artifactsBucket(scope, removalPolicy);
  checkBucket(scope, artifactBucket);
  const componentVersion = definition.componentVersion ?? derivedVersion(scope, definition, artifactBucket);
  checkFileNames(scope, definition);
  claimName(scope, 'component version', `${definition.componentName}:${componentVersion}`);
  const recipe = renderRecipe(definition, componentVersion, artifactBucket);
  checkRecipe(scope, recipe);
  const inlineRecipe = Stack.of(scope).toJsonString(recipe);
  checkSize(scope, recipe);
  if (!Token.isUnresolved(componentVersion) && componentVersion.includes('-')) {
    Annotations.of(scope).addWarningV2('cdk-sagemaker-edge:GreengrassComponent.versionWithHyphen',
      `componentVersion '${componentVersion}' has a hyphen: nucleus lite 2.6.0 takes a part of it for the component's name, and does not find `
      + 'the recipe or deletes it. Nucleus classic takes it');
  }
  const resource = new greengrass.CfnComponentVersion(scope, 'Resource', {
    inlineRecipe,
    tags: { ['cdk-sagemaker-edge:owner' satisfies OwnerTag]: ownerOf(scope) },
  });
  resource.applyRemovalPolicy(removalPolicy);
  resource.node.addDependency(placeArtifacts(scope, definition, componentVersion, artifactBucket));
  return { componentVersion, artifactBucket, resource };
}

function checkSize(scope: Construct, recipe: Recipe): void {
  const bytes = new TokenLength(scope, 'most').ofText(JSON.stringify(recipe));
  if (bytes > MAX_RECIPE_BYTES) {
    throw new ValidationError(scope, `a recipe must have at most ${MAX_RECIPE_BYTES} bytes (tokens counted at their longest), got ${bytes}: `
      + 'move scripts and data into artifacts');
  }
  const onLite = liteBytes(recipe, bytes);
  if (recipe.Manifests.some(({ Platform: { runtime } }) => runtime === LITE) && onLite > MAX_LITE_RECIPE_BYTES) {
    throw new ValidationError(scope, `a recipe for nucleus lite must have at most ${MAX_LITE_RECIPE_BYTES} bytes (tokens counted at their `
      + `longest, with the digests that the service adds), got ${onLite}: move scripts and data into artifacts, or leave nucleus lite out`);
  }
}

/** The service takes artifacts from the region of the component alone. For models, AWS wants bucket names without dots. */
function checkBucket(scope: Construct, { bucketName, env: { region: got } }: s3.IBucket): void {
  validateText(scope, 'name of artifactBucket', bucketName, { pattern: /^[^.]+$/, wanted: 'a name without dots' });
  const wanted = Stack.of(scope).region;
  if (!Token.isUnresolved(got) && !Token.isUnresolved(wanted) && got !== wanted) {
    throw new ValidationError(scope, `artifactBucket must be in the region of the component, ${wanted}, got ${got}`);
  }
}

/** Each is copied to a key that ends with its name: the second one would overwrite the first. */
function checkFileNames(scope: Construct, { manifests }: ComponentDefinition): void {
  const found = new Map<string, string>();
  for (const artifact of manifests.flatMap(({ artifacts }) => artifacts)) {
    const fingerprint = artifactFingerprint(artifact);
    if ((found.get(artifact.fileName) ?? fingerprint) !== fingerprint) {
      throw new ValidationError(
        scope, `artifacts of a component must have different names, got '${artifact.fileName}' for two: give one of them another name`,
      );
    }
    found.set(artifact.fileName, fingerprint);
  }
}

/** The unique part of the stack's ID and the construct: a stack that is deleted and created again is another owner. */
function ownerOf(scope: Construct): string {
  return `${Fn.select(2, Fn.split('/', Aws.STACK_ID))}/${shortHash(scope.node.addr)}`;
}

/** It is versioned, so that an overwritten artifact is not lost: devices refuse an artifact whose digest has changed. */
function artifactsBucket(scope: Construct, removalPolicy: RemovalPolicy): s3.Bucket {
  const destroy = removalPolicy === RemovalPolicy.DESTROY;
  return ownBucket(scope, 'ArtifactBucket', {
    versioned: true, removalPolicy: destroy ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
  }, KEEP_OBJECTS);
}

function renderRecipe(definition: ComponentDefinition, version: string, bucket: s3.IBucket): Recipe {
  const { componentName, description, publisher, configuration, dependencies = {}, manifests } = definition;
  const folder = bucket.s3UrlForObject(`${componentName}/${version}`);
  return {
    RecipeFormatVersion: '2020-01-25',
    ComponentName: componentName,
    ComponentVersion: version,
    ...(description === undefined ? {} : { ComponentDescription: description }),
    ComponentPublisher: publisher ?? 'cdk-sagemaker-edge',
    ...(configuration === undefined ? {} : { ComponentConfiguration: { DefaultConfiguration: renderConfiguration(configuration) } }),
    ...(Object.keys(dependencies).length === 0 ? {} : { ComponentDependencies: dependencies }),
    Manifests: manifests.map(({ platform, lifecycle, artifacts }) => ({
      Platform: platform, Lifecycle: lifecycle, Artifacts: artifacts.map((artifact) => renderArtifact(artifact, folder)),
    })),
  };
}

function derivedVersion(scope: Construct, definition: ComponentDefinition, bucket: s3.IBucket): string {
  const recipe = renderRecipe(definition, '', bucket);
  const content = {
    recipe,
    artifacts: definition.manifests.flatMap(({ artifacts }) => artifacts.map(artifactFingerprint)),
    names: Tokenization.reverseString(JSON.stringify(recipe)).tokens.map(givenName),
  };
  return versionOfContent(JSON.stringify(Stack.of(scope).resolve(content)), definition.versionBase);
}

/** The name behind a reference: a renamed resource has another name, and the same reference. */
function givenName(token: IResolvable): unknown {
  if (!Reference.isReference(token)) {
    return undefined;
  }
  const { target } = token;
  if (s3.CfnBucket.isCfnBucket(target)) {
    return target.bucketName;
  }
  return iot.CfnThingGroup.isCfnThingGroup(target) ? target.thingGroupName : undefined;
}

function placeArtifacts(scope: Construct, definition: ComponentDefinition, version: string, bucket: s3.IBucket): CustomResource {
  const { componentName } = definition;
  const artifacts = [...new Set(definition.manifests.flatMap((manifest) => manifest.artifacts))]; // manifests can share an artifact
  const componentArn = Stack.of(scope).formatArn({
    service: 'greengrass', resource: 'components', resourceName: componentName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const copies: ArtifactCopy[] = artifacts.map((artifact) => ({
    SourceBucket: artifact.bucket.bucketName,
    SourceKey: artifact.key,
    ...(artifact.objectVersion === undefined ? {} : { SourceVersion: artifact.objectVersion }),
    Bucket: bucket.bucketName,
    Key: `${componentName}/${version}/${artifact.fileName}`,
  }));
  const provider = GreengrassProvider.getOrCreate(scope);
  // A new name is a new component, and the old one is still to be deleted: so each name has resources and rights of its own.
  const owner = new Construct(scope, `Artifacts${shortHash(componentName)}`);
  const [versions, objects] = [`${componentArn}:versions:*`, bucket.arnForObjects(`${componentName}/*`)];
  const rights = provider.grant(owner, 'Rights',
    new iam.PolicyStatement({
      actions: ['greengrass:DescribeComponent', 'greengrass:DeleteComponent', 'greengrass:TagResource'],
      resources: [versions], // each version that this component had or will have
    }),
    ...copies.length === 0 ? [] : [
      new iam.PolicyStatement({ actions: ['s3:PutObject'], resources: copies.map(({ Key }) => bucket.arnForObjects(Key)) }),
      // The objects of each version that this component had.
      new iam.PolicyStatement({ actions: ['s3:DeleteObject'], resources: [objects] }),
    ],
  );
  acknowledgeWildcards(rights, 'one component in each version that it had or will have', versions, objects);
  bucket.encryptionKey?.grant(rights, 'kms:GenerateDataKey');
  for (const artifact of artifacts) {
    artifact.grantRead(rights);
  }
  const resource = provider.customResource(owner, 'Resource', {
    resourceType: 'Custom::SageMakerEdge-ComponentArtifacts' satisfies ComponentArtifactsType,
    serviceTimeout: provider.serviceTimeout,
    properties: {
      ComponentName: componentName,
      ComponentVersion: version,
      ComponentArn: componentArn,
      Owner: ownerOf(scope),
      Copies: copies,
    } satisfies ComponentArtifactsProperties,
  });
  resource.node.addDependency(rights, bucket);
  return resource;
}
