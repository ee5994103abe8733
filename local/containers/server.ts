import { REGION } from '../service/account';
import type { CallerAuthority, RequestLog, RoleStorage } from '../service/contracts';
import { openDoor, type ControlAnswer } from '../service/door';
import type { Onward } from '../service/forwarder';
import type { RunningServer } from '../service/http-server';
import { Service } from '../service/service';
import type { LogSink } from '../sagemaker/hosting/contracts';
import { Builds, type BuildBooks } from './builds';
import type { TaskAuthority, TaskDefinitions, TaskSessions } from './contracts';
import { TaskCredentialServer } from './credentials';
import type { TaskEnvironment } from './environment';
import type { ImageStore } from './images';
import { Tasks } from './tasks';

export interface ContainersOptions {
  readonly emulator: Onward;
  readonly authority: Pick<CallerAuthority, 'identify' | 'authorize' | 'mayPassRole'> & TaskAuthority;
  readonly sessions: TaskSessions;
  readonly definitions: TaskDefinitions;
  readonly books: BuildBooks;
  readonly storage: RoleStorage;
  readonly images: ImageStore;
  readonly logs: LogSink;
  readonly environment: TaskEnvironment;
  readonly log: RequestLog;
  readonly controlToken?: string;
}

export interface RunningContainers {
  readonly ecs: RunningServer;
  readonly codeBuild: RunningServer;
  /** Of tasks; jobs of SageMaker have theirs from it, too. */
  readonly credentials: Pick<TaskCredentialServer, 'grant' | 'revoke'>;
  /** Where tasks obtain the credentials of their roles. */
  readonly credentialsUrl: string;
  close(): Promise<void>;
}

/**
 * Stand-ins for what ECS and CodeBuild do: the emulator has their books, and no container engine. RunTask starts the task
 * definition's command as a process of this machine, with the credentials of the task's role; StartBuild makes the image
 * that it runs in (see images.ts). All other calls go on to the emulator.
 *
 * Not modelled: services, tasks of several containers, volumes, port mappings, health checks, limits of CPU and memory,
 * placement; build specs. A task has no address of its own network but one of loopback.
 *
 * Control calls of ECS, for tests, with the cloud's control token: `GET /_stand-in/state` → `{ tasks }`;
 * `POST /_stand-in/faults` `{ familyContains, reason, detail?, times? }`: the next `times` tasks do not start, and RunTask
 * gives the reason among its failures.
 */
export async function startContainers(options: ContainersOptions): Promise<RunningContainers> {
  const { emulator, authority, log, controlToken } = options;
  const credentials = new TaskCredentialServer(options.sessions, authority);
  await credentials.start();
  const tasks = new Tasks({ ...options, credentials });
  const builds = new Builds(options);
  const taskTable = tasks.operations();
  const buildTable = builds.operations();
  const control = (line: string, body: unknown): ControlAnswer => {
    switch (line) {
      case 'GET /_stand-in/state': return { status: 200, body: { tasks: tasks.state() } };
      case 'POST /_stand-in/faults':
        tasks.faults.add(body);
        return { status: 200, body: {} };
      default: return { status: 404, body: { message: 'GET /_stand-in/state or POST /_stand-in/faults' } };
    }
  };
  const shared = { region: REGION, authority, log, emulator };
  const ecs = await openDoor({
    ...shared, control, ...controlToken === undefined ? {} : { controlToken },
    services: [new Service({ id: 'ECS', operations: () => taskTable, authority })],
  });
  const codeBuild = await openDoor({ ...shared, services: [new Service({ id: 'CodeBuild', operations: () => buildTable, authority })] });
  return {
    ecs, codeBuild, credentials, credentialsUrl: credentials.url,
    close: async () => {
      await Promise.all([ecs.close(), codeBuild.close()]);
      await Promise.all([tasks.close(), builds.close()]);
      await credentials.close();
    },
  };
}
