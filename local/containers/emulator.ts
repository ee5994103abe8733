import { BatchGetProjectsCommand, CodeBuildClient } from '@aws-sdk/client-codebuild';
import { ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { isNamed } from '../service/errors';
import type { BuildBooks, BuildProject } from './builds';
import type { TaskDefinition, TaskDefinitions } from './contracts';

type ClientSettings = ConstructorParameters<typeof ECSClient>[0];

/** Task definitions as the emulator's CloudFormation has made them. */
export class EmulatorTaskDefinitions implements TaskDefinitions {
  private readonly ecs: ECSClient;

  public constructor(settings: ClientSettings) {
    this.ecs = new ECSClient(settings ?? {});
  }

  public async find(taskDefinition: string): Promise<TaskDefinition | undefined> {
    try {
      const { taskDefinition: found } = await this.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
      if (found?.taskDefinitionArn === undefined || found.family === undefined || found.status === 'INACTIVE') {
        return undefined;
      }
      const { taskDefinitionArn, family, taskRoleArn, executionRoleArn, cpu, memory, containerDefinitions = [] } = found;
      return {
        taskDefinitionArn, family, ...taskRoleArn === undefined ? {} : { taskRoleArn },
        ...executionRoleArn === undefined ? {} : { executionRoleArn }, ...cpu === undefined ? {} : { cpu },
        ...memory === undefined ? {} : { memory },
        containerDefinitions: containerDefinitions.map(({ name = '', image = '', command, entryPoint, environment, logConfiguration }) => ({
          name, image, ...command ? { command } : {}, ...entryPoint ? { entryPoint } : {}, ...environment ? { environment } : {},
          ...logConfiguration ? {
            logConfiguration: {
              ...logConfiguration.logDriver === undefined ? {} : { logDriver: logConfiguration.logDriver },
              ...logConfiguration.options === undefined ? {} : { options: logConfiguration.options },
            },
          } : {},
        })),
      };
    } catch (error) {
      if (isNamed(error, 'ClientException')) {
        return undefined;
      }
      throw error;
    }
  }
}

/** Projects and repositories of the emulator. */
export class EmulatorBuildBooks implements BuildBooks {
  private readonly codeBuild: CodeBuildClient;
  private readonly ecr: ECRClient;

  public constructor(settings: ClientSettings) {
    this.codeBuild = new CodeBuildClient(settings ?? {});
    this.ecr = new ECRClient(settings ?? {});
  }

  public async project(name: string): Promise<BuildProject | undefined> {
    const { projects: [found] = [] } = await this.codeBuild.send(new BatchGetProjectsCommand({ names: [name] }));
    if (found?.serviceRole === undefined || found.source?.type === undefined || found.environment === undefined) {
      return undefined;
    }
    const { location, type } = found.source;
    const logGroup = found.logsConfig?.cloudWatchLogs?.groupName;
    return {
      name, serviceRole: found.serviceRole, source: { type, ...location === undefined ? {} : { location } },
      environment: found.environment,
      ...logGroup === undefined ? {} : { logGroup },
    };
  }

  public async push(repositoryName: string, imageTag: string, imageManifest: string): Promise<void> {
    try {
      await this.ecr.send(new PutImageCommand({ repositoryName, imageTag, imageManifest }));
    } catch (error) {
      if (!isNamed(error, 'ImageAlreadyExistsException', 'ImageTagAlreadyExistsException')) {
        throw error;
      }
    }
  }
}
