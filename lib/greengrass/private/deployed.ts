import { Stack, Token, type aws_greengrassv2 as greengrass } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DeployedComponentOptions } from '../fleet-deployment';
import type { IGreengrassComponent } from '../greengrass-component';
import { renderConfiguration } from '../../private/objects';
import { validateText, ValidationError } from '../../private/validation';

type RunWith = greengrass.CfnDeployment.ComponentRunWithProperty;
type ConfigurationUpdate = greengrass.CfnDeployment.ComponentConfigurationUpdateProperty;

/** The configuration of AWS's own components holds what the device was set up with: a reset would cut the device off. */
const AWS_PREFIX = 'aws.greengrass.';
const POSIX_USER = { min: 1, max: 256, pattern: /^[^\s:]+(:[^\s:]+)?$/, wanted: 'a user or user:group' };

interface Deployed {
  readonly component: IGreengrassComponent;
  readonly options: DeployedComponentOptions;
}

/** The components of a deployment. */
export class DeployedComponents {
  private readonly deployed = new Map<string, Deployed>();

  public constructor(private readonly scope: Construct) {}

  /** Add a component and its dependencies. Returns the components that are new. */
  public add(component: IGreengrassComponent, options: DeployedComponentOptions = {}): IGreengrassComponent[] {
    const { componentName, componentVersion } = component;
    if (Token.isUnresolved(componentName)) {
      throw new ValidationError(this.scope, 'the name of a deployed component must be known at synth, got a token');
    }
    validateText(this.scope, 'runAs', options.runAs, POSIX_USER);
    const known = this.deployed.get(componentName);
    if (known && known.component.componentVersion !== componentVersion) {
      throw new ValidationError(this.scope, `a deployment must have one version of ${componentName}, `
        + `got ${known.component.componentVersion} and ${componentVersion}: devices could satisfy only one`);
    }
    if (known && Object.keys(options).length > 0 && Object.keys(known.options).length > 0) {
      throw new ValidationError(this.scope, `${componentName} must be added once with options, got it twice`);
    }
    this.deployed.set(componentName, { component, options: { ...known?.options, ...options } });
    return [...known ? [] : [component], ...component.dependencies.flatMap((dependency) => this.add(dependency))];
  }

  public validate(): string[] {
    return this.deployed.size > 0 ? [] : ['a deployment must have at least one component, got none: pass components, or use addComponent'];
  }

  public render(scope: Construct): Record<string, greengrass.CfnDeployment.ComponentDeploymentSpecificationProperty> {
    return Object.fromEntries([...this.deployed].map(([name, { component, options }]) => [name, {
      componentVersion: component.componentVersion,
      configurationUpdate: renderUpdate(scope, name, options),
      runWith: renderRunWith(options),
    }]));
  }
}

function renderUpdate(scope: Construct, name: string, options: DeployedComponentOptions): ConfigurationUpdate | undefined {
  const { configuration, resetConfiguration } = options;
  const reset = resetConfiguration ?? (name.startsWith(AWS_PREFIX) ? [] : ['']);
  if (reset.length === 0 && configuration === undefined) {
    return undefined;
  }
  return {
    ...(reset.length > 0 ? { reset } : {}),
    ...(configuration === undefined ? {} : { merge: Stack.of(scope).toJsonString(renderConfiguration(configuration)) }),
  };
}

function renderRunWith({ runAs, memoryLimit, cpuLimit }: DeployedComponentOptions): RunWith | undefined {
  const unlimited = memoryLimit === undefined && cpuLimit === undefined;
  if (runAs === undefined && unlimited) {
    return undefined;
  }
  return {
    ...(runAs === undefined ? {} : { posixUser: runAs }),
    ...(unlimited ? {} : { systemResourceLimits: { memory: memoryLimit?.toKibibytes(), cpus: cpuLimit } }),
  };
}
