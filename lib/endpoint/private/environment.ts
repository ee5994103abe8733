import { Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { validateText, ValidationError } from '../../private/validation';

/** `EnvironmentMap`, `EnvironmentKey` and `EnvironmentValue` of SageMaker's API. */
export function validateEnvironment(scope: Construct, environment: Readonly<Record<string, string>>): void {
  const names = Object.keys(environment);
  if (names.length > 100) {
    throw new ValidationError(scope, `environment must have at most 100 variables, got ${names.length}`);
  }
  for (const name of names) {
    if (Token.isUnresolved(name)) {
      throw new ValidationError(scope, 'names of environment variables must be known at synth, got a token');
    }
    validateText(scope, 'name of an environment variable', name, {
      min: 1, max: 1024, pattern: /^[a-zA-Z_][a-zA-Z0-9_]*$/, wanted: 'letters, digits and underscores, the first one no digit',
    });
    validateText(scope, `value of the environment variable ${name}`, environment[name], { max: 1024 });
  }
}
