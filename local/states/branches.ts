import type { Credentials } from '../service/contracts';
import { signedCall } from '../service/signed-call';
import { TaskError } from './task-error';

/** Step Functions begins names of members with a capital, CodeCommit does not. */
const MEMBERS: Readonly<Record<string, string>> = { RepositoryName: 'repositoryName', BranchName: 'branchName' };
/** Errors that CodeCommit's model names for GetBranch; the name alone says whether one is of the model. */
const MODELLED = /^(Repository|Branch|InvalidRepository|InvalidBranch|Encryption)\w*Exception$/;

interface Place { readonly endpoint: string; readonly region: string; readonly credentials: Credentials }

/** `aws-sdk:codecommit:getBranch`. */
export async function getBranch(input: Readonly<Record<string, unknown>>, place: Place): Promise<object> {
  const given = Object.entries(input).map(([name, value]) => {
    const { [name]: member } = MEMBERS;
    if (member === undefined) {
      throw new TaskError('States.Runtime', `The field '${name}' must be one of ${Object.keys(MEMBERS).join(', ')}`);
    }
    return [member, value] as const;
  });
  try {
    const output = await signedCall({ ...place, service: 'CodeCommit', operation: 'GetBranch', input: Object.fromEntries(given) });
    return capitalised(output);
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'Error' || error.name === 'TypeError') { // not the service's
      throw error;
    }
    const name = MODELLED.test(error.name) ? error.name : 'CodeCommitException';
    throw new TaskError(`CodeCommit.${name}`, `${error.message} (Service: CodeCommit, Error Code: ${error.name})`, { cause: error });
  }
}

function capitalised(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([name, child]: readonly [string, unknown]) => [
    name.charAt(0).toUpperCase() + name.slice(1), typeof child === 'object' && child !== null ? capitalised(child) : child,
  ]));
}
