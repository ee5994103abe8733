import { Aws, CfnMapping, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { inStack } from '../../private/in-stack';
import { ValidationError } from '../../private/validation';

/** The ECR registries of AWS, one a region, that hold images of one kind. */
export interface Registry {
  /** Of the mapping: a new one would change each template that has it. */
  readonly uid: string;
  /** For messages. */
  readonly name: string;
  readonly accounts: Readonly<Record<string, string>>;
  /** What to do in a region that is not in the table. */
  readonly advice: string;
}

/** The account in the region of the stack. Without a region, it is looked up at deployment, in one mapping a stack. */
export function registryAccount(scope: Construct, { accounts, advice, name, uid }: Registry): string {
  const { region } = Stack.of(scope);
  if (Token.isUnresolved(region)) {
    return inStack(scope, uid, (stack, id) => new CfnMapping(stack, id, {
      mapping: Object.fromEntries(Object.entries(accounts).map(([where, account]) => [where, { account }])),
    })).findInMap(Aws.REGION, 'account');
  }
  const account = accounts[region];
  if (account === undefined) {
    throw new ValidationError(scope, `the account of ${name} must be known for the region of the stack, got ${region}, which is not in the library's table: ${advice}`);
  }
  return account;
}
