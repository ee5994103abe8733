import type { Right } from '../service/operation';
import type { ComponentStore, StoredComponent } from './components';
import { invalid } from './errors';
import type { ComponentRequest, GreengrassOperations } from './types';

/** The operations on component versions. */
export function componentOperations(components: ComponentStore): GreengrassOperations {
  const resources = ({ arn }: { readonly arn: string }): readonly string[] => [arn];
  return {
    CreateComponentVersion: {
      resources: (request) => [arnOf(components, request)],
      rights: (request) => taggingRights(request.tags, arnOf(components, request)),
      run: (request, caller) => {
        const component = components.create(caller, recipeText(request), new Map(Object.entries(request.tags ?? {})));
        return {
          arn: component.arn,
          componentName: component.name,
          componentVersion: component.version,
          creationTimestamp: component.created,
          status: statusOf(component),
        };
      },
    },
    DescribeComponent: {
      resources,
      run: ({ arn }) => {
        const component = components.get(arn);
        return {
          arn: component.arn, componentName: component.name, componentVersion: component.version,
          creationTimestamp: component.created, publisher: component.publisher,
          description: component.description,
          status: statusOf(component),
          platforms: component.platforms.map((attributes) => ({ attributes })),
          tags: Object.fromEntries(component.tags),
        };
      },
    },
    GetComponent: {
      resources,
      run: ({ arn }) => {
        const component = components.get(arn);
        return {
          recipeOutputFormat: 'JSON',
          recipe: Buffer.from(component.recipe).toString('base64'),
          tags: Object.fromEntries(component.tags),
        };
      },
    },
    DeleteComponent: {
      resources,
      run: ({ arn }) => {
        components.delete(arn);
        return {};
      },
    },
    ListComponents: {
      run: () => ({
        components: [...new Set(components.all().map(({ name }) => name))].map((componentName) => {
          const [latest] = components.versions(componentName);
          return {
            arn: components.arn(componentName),
            componentName,
            latestVersion: { arn: latest?.arn, componentVersion: latest?.version, creationTimestamp: latest?.created },
          };
        }),
      }),
    },
    ListComponentVersions: {
      resources,
      run: ({ arn }) => ({
        componentVersions: components.versions(arn.split(':components:')[1] ?? '').map(({ arn: versionArn, name, version }) => ({
          arn: versionArn,
          componentName: name,
          componentVersion: version,
        })),
      }),
    },
  };
}

/** What a caller needs besides to make something with tags. */
export function taggingRights(tags: Readonly<Record<string, string>> = {}, arn: string): readonly Right[] {
  return Object.keys(tags).length === 0 ? [] : [['greengrass:TagResource', arn]];
}

function arnOf(components: ComponentStore, request: ComponentRequest): string {
  return components.arn(/"componentname"\s*:\s*"([^"]+)"/i.exec(recipeText(request))?.[1] ?? '*');
}

function statusOf({ state, message }: StoredComponent): object {
  return {
    componentState: state,
    message,
    errors: state === 'FAILED' ? { artifact: message } : {},
    vendorGuidance: 'ACTIVE',
    vendorGuidanceMessage: 'NONE',
  };
}

function recipeText({ lambdaFunction, inlineRecipe }: ComponentRequest): string {
  if (lambdaFunction !== undefined) {
    throw invalid('The local stand-in makes no components of Lambda functions');
  }
  if (inlineRecipe === undefined) {
    throw invalid('inlineRecipe must be given');
  }
  return Buffer.from(inlineRecipe, 'base64').toString('utf8');
}
