import {
  DeleteAppCommand, DeleteDomainCommand, DeleteSpaceCommand, DeleteUserProfileCommand, DescribeDomainCommand, paginateListApps,
  paginateListSpaces, paginateListUserProfiles, SageMakerClient, UpdateDomainCommand,
} from '@aws-sdk/client-sagemaker';
import { customResources } from '../../shared/function';
import { handle } from '../../shared/handle';
import type { Phase } from '../../shared/lifecycle';
import type { Dependencies } from './dependencies';
import { LIMITS } from './limits';
import { RESOURCES } from './resources';

const client = new SageMakerClient({ maxAttempts: 8 }); // rides out half a minute of throttling, within this function's timeout
const pages = { client, pageSize: 100 };

function dependencies({ signal: abortSignal }: Phase): Dependencies {
  const call = { abortSignal };
  return {
    studio: {
      describeDomain: (input) => client.send(new DescribeDomainCommand(input), call),
      updateDomain: (input) => client.send(new UpdateDomainCommand(input), call),
      deleteDomain: (input) => client.send(new DeleteDomainCommand(input), call),
      listApps: (input) => collected(paginateListApps(pages, input, call), ({ Apps }) => Apps),
      deleteApp: (input) => client.send(new DeleteAppCommand(input), call),
      listSpaces: (input) => collected(paginateListSpaces(pages, input, call), ({ Spaces }) => Spaces),
      deleteSpace: (input) => client.send(new DeleteSpaceCommand(input), call),
      listUserProfiles: (input) => collected(paginateListUserProfiles(pages, input, call), ({ UserProfiles }) => UserProfiles),
      deleteUserProfile: (input) => client.send(new DeleteUserProfileCommand(input), call),
    },
    now: () => Date.now(),
  };
}

async function collected<P, T>(answers: AsyncIterable<P>, items: (answer: P) => readonly T[] | undefined): Promise<T[]> {
  const all: T[] = [];
  for await (const answer of answers) {
    all.push(...items(answer) ?? []);
  }
  return all;
}

export const handler = customResources(LIMITS, (event, phase) => handle(RESOURCES, dependencies(phase), event));
