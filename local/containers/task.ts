export type TaskStatus = 'PROVISIONING' | 'PENDING' | 'RUNNING' | 'DEPROVISIONING' | 'STOPPED';
export type StopCode = 'TaskFailedToStart' | 'EssentialContainerExited' | 'UserInitiated';

/** A task and the process that stands for its container. Times are milliseconds since 1970. */
export interface TaskRecord {
  readonly id: string;
  readonly arn: string;
  readonly clusterArn: string;
  readonly definitionArn: string;
  readonly family: string;
  readonly containerName: string;
  readonly image: string;
  /** 127.0.0.x: each task has its own, so that two masters can listen on one port. */
  readonly address: string;
  readonly subnet: string;
  readonly cpu: string;
  readonly memory: string;
  readonly startedBy: string | undefined;
  readonly group: string;
  readonly launchType: string;
  readonly overrides: object;
  readonly tags: readonly object[];
  readonly createdAt: number;
  status: TaskStatus;
  desired: 'RUNNING' | 'STOPPED';
  startedAt?: number;
  stoppingAt?: number;
  stoppedAt?: number;
  stopCode?: StopCode;
  stoppedReason?: string;
  exitCode?: number;
  containerReason?: string;
  stop?: () => Promise<void>;
}

/** As DescribeTasks gives it. */
export function describedTask(task: TaskRecord): object {
  const { address, status, subnet } = task;
  const details = [{ name: 'subnetId', value: subnet }, { name: 'privateIPv4Address', value: address }];
  const isPlaced = status !== 'PROVISIONING';
  const isOver = status === 'STOPPED';
  return {
    taskArn: task.arn, clusterArn: task.clusterArn, taskDefinitionArn: task.definitionArn, group: task.group, startedBy: task.startedBy,
    lastStatus: status, desiredStatus: task.desired, launchType: task.launchType, platformVersion: '1.4.0', platformFamily: 'Linux',
    cpu: task.cpu, memory: task.memory, connectivity: 'CONNECTED', healthStatus: 'UNKNOWN', overrides: task.overrides, tags: task.tags,
    createdAt: seconds(task.createdAt), startedAt: seconds(task.startedAt), stoppingAt: seconds(task.stoppingAt),
    stoppedAt: seconds(task.stoppedAt), stopCode: task.stopCode, stoppedReason: task.stoppedReason, version: 1,
    attachments: [{
      id: task.id, type: 'ElasticNetworkInterface', status: isOver ? 'DELETED' : 'ATTACHED',
      details: isPlaced ? details : [],
    }],
    containers: [{
      containerArn: task.arn.replace(':task/', ':container/'), taskArn: task.arn, name: task.containerName, image: task.image,
      lastStatus: isPlaced ? status : 'PENDING', exitCode: task.exitCode, reason: task.containerReason,
      networkInterfaces: isPlaced ? [{ attachmentId: task.id, privateIpv4Address: address }] : [],
    }],
  };
}

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}
