import { conditionMet, listOf, type Conditions, type PolicyDocument, type Statement } from './policy';

/** The document as it reads for one service that a role is passed to. */
export function settlePassedToService(document: PolicyDocument, service: string): PolicyDocument {
  return settleKey(document, 'iam:PassedToService', service);
}

/**
 * The document as it reads where a condition's key has a value that is known here: what it says about the key is decided
 * and taken out, because the emulator's simulator knows no such key and would deny. Everything else stays for it.
 * An operator that is not understood never helps the caller.
 */
export function settleKey(document: PolicyDocument, key: string, value: string): PolicyDocument {
  return { ...document, Statement: document.Statement.flatMap((statement) => settle(statement, key.toLowerCase(), value)) };
}

function settle(statement: Statement, settled: string, value: string): Statement[] {
  const rest: Record<string, Record<string, string | readonly string[]>> = {};
  for (const [operator, keys] of Object.entries<Conditions[string]>(statement.Condition ?? {})) {
    for (const [key, wanted] of Object.entries(keys)) {
      if (key.toLowerCase() !== settled) {
        (rest[operator] ??= {})[key] = wanted;
        continue;
      }
      const met = conditionMet(operator, listOf(wanted), value);
      if (met === false || (met === undefined && statement.Effect === 'Allow')) {
        return [];
      }
    }
  }
  return [{ ...statement, Condition: rest }];
}
