import type { ControllerSettings } from '../../../../lib/endpoint/private/load-test/contract';
import type { StepErrors } from '../../../../lambda/endpoint/report/run';
import { serviceError, SETTINGS, type World } from './fixture';

/** What ends a run, and what the run says of it. */
export interface FaultCase {
  readonly when: string;
  readonly arrange?: (world: World) => void;
  readonly settings?: ControllerSettings;
  /** The execution's. */
  readonly input?: unknown;
  readonly reason: RegExp;
}

type Arrange = (world: World) => void;

function endpoint(changes: Parameters<World['changeEndpoint']>[0]): Arrange {
  return (world) => {
    world.changeEndpoint(changes);
  };
}

function whileHeld(act: Arrange): Arrange {
  return (world) => {
    world.whileHeld = () => {
      act(world);
    };
  };
}

/** All of the first requests fail so. */
function failing(error: Pick<StepErrors, 'kind' | 'code' | 'status' | 'message'>): Arrange {
  return whileHeld((world) => {
    world.writeMaster({ state: 'SETTLING', step: 1, progress: { requests: 7, failures: 7, errors: [{ ...error, count: 7 }] } });
  });
}

function endWorkers(world: World, reason: string, code: number): void {
  for (const arn of world.cluster.named('worker:1')) {
    world.cluster.end(arn, reason, code);
  }
}

const NOT_FOUND = serviceError('ValidationException', 'Could not find endpoint "demo".');
const NO_SUCH: Arrange = (world) => {
  world.endpoint = NOT_FOUND;
};

const OF_THE_ENDPOINT: readonly FaultCase[] = [
  { when: 'the endpoint does not exist', arrange: NO_SUCH, reason: /^the endpoint demo does not exist \(ValidationException: Could not find endpoint "demo"\.\)$/ },
  ...(['Creating', 'Failed', 'Deleting', 'RollingBack', 'OutOfService'] as const).map((status): FaultCase => ({
    when: `the endpoint is ${status}`, arrange: endpoint({ EndpointStatus: status, FailureReason: 'why' }),
    reason: new RegExp(`^the endpoint demo must be InService, got ${status}: why$`),
  })),
  {
    when: 'the endpoint is being updated at the start', arrange: endpoint({ EndpointStatus: 'Updating' }),
    reason: /must be InService before a load test, got Updating: wait/,
  },
  {
    when: 'the endpoint lacks the variant', settings: { ...SETTINGS, variantName: 'blue' },
    reason: /^the endpoint demo must have the variant blue, got AllTraffic$/,
  },
  {
    when: 'the endpoint has several variants and none is named',
    arrange: endpoint({ ProductionVariants: [{ VariantName: 'blue' }, { VariantName: 'green' }] }),
    reason: /has the variants blue, green: give the load test the name of one/,
  },
  {
    when: 'the endpoint is serverless', arrange: (world) => {
      world.variantConfig = { VariantName: 'AllTraffic', ServerlessConfig: {} };
    }, reason: /has no instance type: a serverless variant has no instances/,
  },
  {
    when: 'the endpoint has instances whose vCPUs nobody knows', arrange: (world) => {
      world.variantConfig = { VariantName: 'AllTraffic', InstanceType: 'ml.z9.huge' };
    }, reason: /the vCPUs of ml\.z9\.huge are not known/,
  },
  { when: 'the endpoint is deleted in the middle', arrange: whileHeld(NO_SUCH), reason: /^the endpoint demo does not exist/ },
  {
    when: 'the endpoint does not come up again in the middle', arrange: whileHeld(endpoint({ EndpointStatus: 'Failed' })),
    reason: /^the endpoint demo must be InService, got Failed$/,
  },
  {
    when: 'the endpoint is not described for another reason', arrange: (world) => {
      world.endpoint = serviceError('AccessDeniedException', 'not authorized');
    }, reason: /^AccessDeniedException: not authorized$/,
  },
];

const OF_THE_PAYLOADS: readonly FaultCase[] = [
  {
    when: 'a payload is larger than InvokeEndpoint takes', arrange: (world) => {
      world.bucket.objects.set('input/payloads/large', 'x'.repeat(6 * 1024 * 1024 + 1));
    }, reason: /^the payload s3:\/\/input\/payloads\/large must have at most 6291456 bytes \(6 MB, InvokeEndpoint's limit\), got 6291457$/,
  },
  {
    when: 'there are no payloads', arrange: (world) => {
      world.bucket.objects.clear();
    }, reason: /^there is no payload in s3:\/\/input\/payloads\/$/,
  },
  {
    when: 'SageMaker refuses the requests from the first one on',
    arrange: failing({ kind: 'refused', code: 'ValidationError', status: 400, message: 'content type' }),
    reason: /^InvokeEndpoint refused all of the first 7 requests in step 1: ValidationError \(400\): content type$/,
  },
  {
    when: 'the model refuses the payload from the first request on',
    arrange: failing({ kind: 'model', code: 'ModelError', status: 400, message: 'unexpected shape' }),
    reason: /^the model refused all of the first 7 requests in step 1: ModelError \(400\): unexpected shape$/,
  },
];

const OF_WHAT_IS_ASKED: readonly FaultCase[] = ([
  [{ users: 0 }, /users must have at least one step, each a whole number of at least 1, got \[0\]/],
  [{ users: [] }, /users must have at least one step, each a whole number of at least 1, got \[\]/],
  [{ users: [1.5] }, /each a whole number of at least 1, got \[1\.5\]/],
  [{ users: [4, 2] }, /users must rise from step to step, got \[4,2\]/],
  [{ users: ['many'] }, /users must be a list of whole numbers, got \["many"\]/],
  [{ holdSeconds: 60 }, /holdSeconds must be at least 120, two periods of the endpoint's metrics, .* got 60/],
  [{ targetTps: -1 }, /targetTps must be a number of at least 0, got -1/],
  [{ user: 3 }, /the execution's input may have users, settleSeconds, holdSeconds, targetTps, p99Ms, errorPercent, got user/],
  [[], /the execution's input must be an object, got \[\]/],
  [{ users: 1_000_000 }, /^1000000 users need 1000 workers of at most 1000 users, .* they would cost about 39\.50 dollars an hour/],
] as const).map(([input, reason]) => ({ when: `the input is ${JSON.stringify(input)}`, input, reason }));

const OF_ECS: readonly FaultCase[] = [
  {
    when: 'the quota of Fargate is reached', arrange: (world) => {
      world.cluster.refusal = serviceError('LimitExceededException', 'You\'ve reached the limit on the number of vCPUs you can run concurrently');
    }, reason: /^ECS did not start the master .*reached the limit.*: the account's quota of Fargate vCPUs is reached/,
  },
  {
    when: 'Fargate has no room', arrange: (world) => {
      world.cluster.failures = [{ reason: 'Capacity is unavailable at this time.' }];
    }, reason: /^ECS did not start 1 of 1 tasks of the master \(Capacity is unavailable at this time\.\): Fargate has no room/,
  },
  {
    when: 'the subnet has no address', arrange: (world) => {
      world.cluster.failures = [{ reason: 'RESOURCE:ENI' }];
    }, reason: /the subnets have no free address/,
  },
  {
    when: 'the image cannot be pulled', arrange: (world) => {
      world.masterIsThere = false;
      world.before = (action) => {
        if (action === 'poll') {
          world.cluster.end('task-1', 'CannotPullContainerError: pull image manifest has been retried 7 time(s)');
        }
      };
    }, reason: /^the master's task ended before the first step: CannotPullContainerError.*the image could not be pulled/,
  },
  {
    when: 'the master does not run in time', arrange: (world) => {
      world.cluster.status = 'PENDING';
    }, reason: /^the master's task did not run within 300 s/,
  },
];

const OF_WORKERS: readonly FaultCase[] = [
  {
    when: 'workers never come', arrange: (world) => {
      world.masterIsThere = false;
    }, reason: /^1 of 1 workers did not come within 300 s: .* port 5557/,
  },
  {
    when: 'workers end before they reach the master', arrange: (world) => {
      world.masterIsThere = false;
      world.before = () => {
        endWorkers(world, 'Essential container in task exited', 1);
      };
    }, reason: /^a worker's task ended before it reached the master: Essential container in task exited, exit code 1\. See .* task-2/,
  },
  {
    when: 'workers all end in a step', arrange: whileHeld((world) => {
      endWorkers(world, 'OutOfMemoryError: Container killed due to memory usage', 137);
    }), reason: /^all workers ended in step 1: OutOfMemoryError.*exit code 137/,
  },
];

const OF_THE_MASTER: readonly FaultCase[] = [
  {
    when: 'the Locust file does not import', arrange: (world) => {
      world.masterIsThere = false;
      world.after = (action) => {
        if (action === 'start') {
          world.writeMaster({ state: 'FAILED', failure: 'the Locust file does not import:\nNo module named x' });
        }
      };
    }, reason: /^the Locust file does not import:\nNo module named x$/,
  },
  {
    when: 'the master ends in a step', arrange: whileHeld((world) => {
      world.cluster.end('task-1', 'Essential container in task exited', 137);
    }), reason: /^the master's task ended in step 1: Essential container in task exited, exit code 137$/,
  },
  {
    when: 'the master does not finish a step', arrange: whileHeld((world) => {
      world.masterIsThere = false;
    }), reason: /^the master did not finish step 1 in time: it is HOLDING$/,
  },
];

/** Each of these ends a run, which then stops its tasks and reports. */
export const FAULTS: readonly FaultCase[] = [
  ...OF_THE_ENDPOINT, ...OF_THE_PAYLOADS, ...OF_WHAT_IS_ASKED, ...OF_ECS, ...OF_WORKERS, ...OF_THE_MASTER,
];
