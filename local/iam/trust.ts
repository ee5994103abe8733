import { conditionMet, listOf, matchesPattern, type PolicyDocument, type Statement } from './policy';

/** What a service says about itself when it assumes a role. */
export interface TrustContext { readonly service: string; readonly account: string; readonly region: string; readonly partition: string }

/** Whether a trust policy lets a service of this account assume the role. */
export function trusts(document: PolicyDocument, context: TrustContext): boolean {
  const about = document.Statement.filter((statement) => names(statement, context.service));
  const denied = about.some((statement) => statement.Effect === 'Deny' && conditionsHold(statement, context) !== false);
  return !denied && about.some((statement) => statement.Effect === 'Allow' && conditionsHold(statement, context) === true);
}

function names(statement: Statement, service: string): boolean {
  const { Principal: principal } = statement;
  const services = typeof principal === 'string' || principal === undefined ? [] : listOf(principal.Service);
  const actions = listOf(statement.Action);
  return (principal === '*' || services.includes(service)) && actions.some((action) => matchesPattern(
    'sts:assumerole', action.toLowerCase(),
  ));
}

/** Undefined where a key is not known here. */
function conditionsHold(statement: Statement, context: TrustContext): boolean | undefined {
  let known = true;
  for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
    for (const [key, wanted] of Object.entries(keys)) {
      const met = holds(operator, key.toLowerCase(), listOf(wanted), context);
      if (met === false) {
        return false;
      }
      known &&= met !== undefined;
    }
  }
  return known ? true : undefined;
}

function holds(operator: string, key: string, wanted: readonly string[], {
  service, account, region, partition,
}: TrustContext): boolean | undefined {
  if (key === 'aws:sourceaccount') {
    return conditionMet(operator, wanted, account);
  }
  if (key !== 'aws:sourcearn') {
    return undefined;
  }
  // The resource on whose behalf the service acts is not known here: any one of this service, account and region will do.
  const prefix = `arn:${partition}:${service.split('.')[0] === 'credentials' ? 'iot' : service.split('.')[0] ?? ''}:${region}:${account}:`;
  return wanted.some((arn) => arn.startsWith(prefix) || matchesPattern(`${prefix}x`, arn));
}
