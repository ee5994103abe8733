import { conditionMet, listOf, type Conditions, type PolicyDocument, type Statement } from './policy';

const KEY = 'iam:passedtoservice';

/**
 * The document as it reads for one service that a role is passed to: what it says about iam:PassedToService is decided
 * and taken out, because the emulator's simulator knows no such key and would deny. Everything else stays for it.
 * An operator that is not understood never helps the caller.
 */
export function settlePassedToService(document: PolicyDocument, service: string): PolicyDocument {
  return { ...document, Statement: document.Statement.flatMap((statement) => settle(statement, service)) };
}

function settle(statement: Statement, service: string): Statement[] {
  const rest: Record<string, Record<string, string | readonly string[]>> = {};
  for (const [operator, keys] of Object.entries<Conditions[string]>(statement.Condition ?? {})) {
    for (const [key, wanted] of Object.entries(keys)) {
      if (key.toLowerCase() !== KEY) {
        (rest[operator] ??= {})[key] = wanted;
        continue;
      }
      const met = conditionMet(operator, listOf(wanted), service);
      if (met === false || (met === undefined && statement.Effect === 'Allow')) {
        return [];
      }
    }
  }
  return [{ ...statement, Condition: rest }];
}
