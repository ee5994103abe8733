import { aws_s3 as s3, CfnParameter, Duration, Fn, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  ComponentArchitecture,
  ComponentArtifact,
  ComponentPlatform,
  DependencyType,
  GreengrassComponent,
  SkipCondition,
  type GreengrassComponentProps,
} from '../../../lib';
import { modelFile } from '../temp-models';
import { newStack, recipe } from './fixture';

const NAME = 'Stack.App';
let stack: Stack;
beforeEach(() => {
  stack = newStack();
});

function component(props: Partial<GreengrassComponentProps> = {}, id = 'App'): GreengrassComponent {
  return new GreengrassComponent(stack, id, { manifests: [{ lifecycle: { run: { script: 'true' } } }], ...props });
}

describe('a Greengrass component', () => {
  test('is the same version in whatever order the keys of its configuration and environment come', () => {
    const environments = [{ A: '1', B: '2' }, { B: '2', A: '1' }];
    const rendered = environments.map((environment, index) => {
      stack = newStack();
      component({
        configuration: index === 0 ? { a: { x: 1, y: 2 }, b: true } : { b: true, a: { y: 2, x: 1 } },
        manifests: [{ lifecycle: { environment, run: { script: 'true', environment } } }],
      });
      return JSON.stringify(recipe(stack, NAME));
    });
    expect(rendered[0]).toBe(rendered[1]);
  });

  test('takes an environment variable called expression for one', () => {
    component({ manifests: [{ lifecycle: { run: { script: 'true', environment: { expression: 'x' } } } }] });
    expect(recipe(stack, NAME).Manifests[0]?.Lifecycle).toEqual({ run: { Script: 'true', Setenv: { expression: 'x' } } });
  });

  test('writes what both nuclei read', () => {
    component({
      description: 'd',
      publisher: 'me',
      configuration: { port: 80, on: true, deep: { list: [1.5] } },
      manifests: [
        {
          platform: ComponentPlatform.linux(ComponentArchitecture.AARCH64),
          lifecycle: {
            environment: { A: 'b' },
            startup: {
              script: 'x',
              timeout: Duration.minutes(2),
              requiresPrivilege: true,
              environment: { C: 'd' },
              skipIf: SkipCondition.onPath('node'),
            },
            install: { script: 'y', skipIf: SkipCondition.fileExists('/etc/z') },
          },
        },
      ],
    });
    expect(recipe(stack, NAME)).toMatchObject({
      RecipeFormatVersion: '2020-01-25',
      ComponentDescription: 'd',
      ComponentPublisher: 'me',
      ComponentConfiguration: { DefaultConfiguration: { port: '80', on: true, deep: { list: ['1.5'] } } },
      Manifests: [
        {
          Platform: { os: 'linux', architecture: 'aarch64', runtime: '*' },
          Lifecycle: {
            Setenv: { A: 'b' },
            startup: { Script: 'x', Timeout: 120, RequiresPrivilege: true, Setenv: { C: 'd' }, Skipif: 'onpath node' },
            install: { Script: 'y', Skipif: 'exists /etc/z' },
          },
        },
      ],
    });
  });

  test('is for any device by default', () => {
    component();
    expect(recipe(stack, NAME).Manifests[0]?.Platform).toEqual({ os: '*', runtime: '*' });
  });

  test('fails when a lifecycle has a step that nobody knows', () => {
    const misspelt = { ...{ shutdwn: { script: 'x' } }, run: { script: 'y' } };
    expect(() => component({ manifests: [{ lifecycle: misspelt }] })).toThrow(/got 'shutdwn'/);
  });

  test('fails when a step has a property that nobody knows', () => {
    const misspelt = { ...{ timeOut: Duration.seconds(1) }, script: 'y' };
    expect(() => component({ manifests: [{ lifecycle: { install: misspelt } }] })).toThrow(
      /'Timeout' of .*install must be spelled so.*got 'timeOut'/,
    );
  });

  describe('name and version', () => {
    test('the default name is made of stack and path, and the given one is used', () => {
      expect([component().componentName, component({ componentName: 'com.example.x' }, 'Other').componentName]).toEqual([
        NAME,
        'com.example.x',
      ]);
    });

    test('fails when the name is AWS\'s', () => {
      expect(() => component({ componentName: 'aws.greengrass.Mine' })).toThrow(
        /componentName must be letters.*got 'aws\.greengrass\.Mine'/,
      );
    });

    test('the default version follows the content, and the given one is used', () => {
      const versionOf = (script: string): string => {
        stack = newStack();
        return component({ manifests: [{ lifecycle: { run: { script } } }] }).componentVersion;
      };
      expect(versionOf('a')).toMatch(/^1\.\d{1,4}\.\d{1,6}$/);
      expect(versionOf('a')).toBe(versionOf('a'));
      expect(versionOf('a')).not.toBe(versionOf('b'));
      expect(component({ componentVersion: '2.3.4' }, 'Given').componentVersion).toBe('2.3.4');
    });

    test('the version follows the content of artifacts and the name of a bucket too', () => {
      const versionOf = (content: string, bucketName: string): string => {
        stack = newStack();
        return component({
          artifactBucket: new s3.Bucket(stack, 'Bucket', { bucketName }),
          manifests: [{ lifecycle: { run: { script: 'x' } }, artifacts: [ComponentArtifact.fromAsset(modelFile('tool', content))] }],
        }).componentVersion;
      };
      expect(new Set([versionOf('a', 'one'), versionOf('b', 'one'), versionOf('a', 'two')]).size).toBe(3);
      expect(versionOf('a', 'one')).toBe(versionOf('a', 'one'));
    });

    test.each([['1.0.0-rc.1', 1], ['1.0.0', 0]])('version %s gives %i warnings of nucleus lite, which cannot read one with a hyphen', (componentVersion, count) => {
      component({ componentVersion });
      const id = 'cdk-sagemaker-edge:GreengrassComponent.versionWithHyphen';
      expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(`has a hyphen.*${id}`))).toHaveLength(count);
    });

    test('fails when a version has two parts', () => {
      expect(() => component({ componentVersion: '1.0' })).toThrow(/ComponentVersion must have 5 to 64 characters, got 3: '1\.0'/);
    });

    test('an import has name, version and ARN', () => {
      const imported = GreengrassComponent.fromComponentVersion(stack, 'Nucleus', 'aws.greengrass.Nucleus', '2.18.2');
      expect(stack.resolve(imported.componentVersionArn)).toEqual({
        'Fn::Join': [
          '',
          ['arn:', { Ref: 'AWS::Partition' }, ':greengrass:eu-west-1:111111111111:components:aws.greengrass.Nucleus:versions:2.18.2'],
        ],
      });
      expect([imported.componentName, imported.componentVersion, imported.componentVersionRef.componentVersionArn]).toEqual([
        'aws.greengrass.Nucleus',
        '2.18.2',
        imported.componentVersionArn,
      ]);
    });

    test('fails when an imported version has two parts', () => {
      expect(() => GreengrassComponent.fromComponentVersion(stack, 'X', 'x', '1.0')).toThrow(/three parts|5 to 64/);
    });
  });

  describe('size', () => {
    test('fails when the recipe is longer than the service takes', () => {
      expect(() => component({ description: 'ä'.repeat(8000) })).toThrow(
        /a recipe must have at most 16000 bytes \(tokens counted at their longest\), got 16\d\d\d: move scripts and data into artifacts/,
      );
    });

    test.each([
      ['an import', () => Fn.importValue('x'), 15_500], ['a parameter', () => new CfnParameter(stack, 'P').valueAsString, 15_500],
    ])('counts %s at its longest', (_, token, literal) => {
      expect(() => component({ description: `${token()}${'x'.repeat(literal)}` }, 'Long')).toThrow(/got 16\d\d\d/);
    });

    test('counts the name of a bucket as what it can be', () => {
      const bucket = new s3.Bucket(stack, 'Other');
      expect(() => component({ description: `${bucket.bucketName}${'x'.repeat(15_500)}` })).not.toThrow();
    });
  });

  describe('dependencies', () => {
    test('are pinned exactly, hard by default', () => {
      const base = component({ componentVersion: '1.2.3' }, 'Base');
      const other = component({ componentVersion: '2.0.0' }, 'Soft');
      const app = component({ dependencies: [{ component: base }, { component: other, dependencyType: DependencyType.SOFT }] });
      expect(recipe(stack, NAME).ComponentDependencies).toEqual({
        'Stack.Base': { VersionRequirement: '=1.2.3', DependencyType: 'HARD' },
        'Stack.Soft': { VersionRequirement: '=2.0.0', DependencyType: 'SOFT' },
      });
      expect(app.dependencies).toEqual([base, other]);
    });
  });

  describe('removal', () => {
    test('by default a version and its bucket stay, but not after a failed creation', () => {
      component();
      const template = Template.fromStack(stack);
      template.hasResource('AWS::GreengrassV2::ComponentVersion', {
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
      template.hasResource('AWS::S3::Bucket', {
        DeletionPolicy: 'Retain',
        Properties: {
          VersioningConfiguration: { Status: 'Enabled' },
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
          BucketEncryption: Match.anyValue(),
        },
      });
    });

    test('both go where that is asked for', () => {
      component({ removalPolicy: RemovalPolicy.DESTROY });
      const template = Template.fromStack(stack);
      template.hasResource('AWS::GreengrassV2::ComponentVersion', { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
      template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
      template.resourceCountIs('Custom::S3AutoDeleteObjects', 1);
    });

    test('a given bucket is used', () => {
      component({ artifactBucket: s3.Bucket.fromBucketName(stack, 'Own', 'own') });
      Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
    });
  });

  test('fails when the bucket has a dot in its name', () => {
    expect(() => component({ artifactBucket: s3.Bucket.fromBucketName(stack, 'Own', 'my.models') })).toThrow(
      /name of artifactBucket must be a name without dots, got 'my\.models'/,
    );
  });

  test('fails when the bucket is in another region', () => {
    const artifactBucket = s3.Bucket.fromBucketAttributes(stack, 'Own', { bucketName: 'own', region: 'us-east-1' });
    expect(() => component({ artifactBucket })).toThrow(/artifactBucket must be in the region of the component, eu-west-1, got us-east-1/);
  });

  test('one provider serves a stack', () => {
    component();
    component({}, 'Second');
    Template.fromStack(stack).resourcePropertiesCountIs('AWS::Lambda::Function', { Description: Match.stringLikeRegexp('component artifacts') }, 1);
  });
});
