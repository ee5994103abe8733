import { DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import { ListProjectsCommand } from '@aws-sdk/client-codebuild';
import { DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import { ListClustersCommand, ListTaskDefinitionsCommand } from '@aws-sdk/client-ecs';
import { names, type LeftoverList } from './leftover-list';

/** What an endpoint that scales and a load test have in the account beside what others have, too. */
export const LOAD_TEST_LISTS: readonly LeftoverList[] = [
  {
    kind: 'scalable target',
    list: async ({ scaling }) => names(
      (await scaling.send(new DescribeScalableTargetsCommand({ ServiceNamespace: 'sagemaker' }))).ScalableTargets,
      (target) => target.ResourceId,
    ),
  },
  { kind: 'cluster', list: async ({ ecs }) => names((await ecs.send(new ListClustersCommand({}))).clusterArns, nameOf) },
  {
    kind: 'task definition', // an inactive one is the record of a task that ran
    list: async ({ ecs }) => names((await ecs.send(new ListTaskDefinitionsCommand({ status: 'ACTIVE' }))).taskDefinitionArns, nameOf),
  },
  { kind: 'build project', list: async ({ codeBuild }) => (await codeBuild.send(new ListProjectsCommand({}))).projects ?? [] },
  {
    kind: 'image repository',
    list: async ({ ecr }) => names(
      (await ecr.send(new DescribeRepositoriesCommand({}))).repositories,
      (repository) => repository.repositoryName,
    ),
  },
];

function nameOf(arn: string): string | undefined {
  return arn.split('/').at(-1);
}
