import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ModelSource, OnnxModel } from '../../../lib';
import { onnxBytes } from '../onnx-bytes';
import { modelFile } from '../temp-models';

export interface RecipeJson {
  readonly ComponentName: string;
  readonly ComponentVersion: string;
  readonly ComponentConfiguration?: { readonly DefaultConfiguration: Record<string, unknown> };
  readonly ComponentDependencies?: Record<string, { VersionRequirement: string; DependencyType: string }>;
  readonly Manifests: {
    readonly Platform: Record<string, string>;
    readonly Lifecycle: Record<string, unknown>;
    readonly Artifacts: { readonly Uri: string; readonly Unarchive: string; readonly Permission: Record<string, string> }[];
  }[];
}

export function newStack(name = 'Stack'): Stack {
  return new Stack(new App(), name, { env: { account: '111111111111', region: 'eu-west-1' } });
}

/** The recipes of a stack, with the logical ids of what they refer to in place of tokens. */
export function recipes(stack: Stack): RecipeJson[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::GreengrassV2::ComponentVersion')).map((resource) => {
    const inline = (resource as { Properties: { InlineRecipe: string | { 'Fn::Join': [string, (string | { Ref: string })[]] } } })
      .Properties.InlineRecipe;
    return JSON.parse(
      typeof inline === 'string' ? inline : inline['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : part.Ref)).join(''),
    ) as RecipeJson;
  });
}

export function recipe(stack: Stack, name: string): RecipeJson {
  const found = recipes(stack).find(({ ComponentName }) => ComponentName === name);
  if (!found) {
    throw new Error(`no recipe of ${name}, there are ${recipes(stack).map(({ ComponentName }) => ComponentName).join(', ')}`);
  }
  return found;
}

export function onnxModel(stack: Stack, id = 'Onnx', content = onnxBytes(), modelVersion = '1.0', modelName = 'recogniser'): OnnxModel {
  return new OnnxModel(stack, id, { model: ModelSource.fromAsset(modelFile('model.onnx', content)), modelName, modelVersion });
}
