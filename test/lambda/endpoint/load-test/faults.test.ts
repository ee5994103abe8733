import { serviceError, SETTINGS, World } from './fixture';

beforeEach(() => {
  jest.spyOn(console, 'log').mockReturnValue(undefined);
});

/** A world whose run fails, and why. */
async function failure(arrange: (world: World) => void, settings = SETTINGS, input?: unknown): Promise<string> {
  const world = new World(settings);
  arrange(world);
  const { passed, status, reason } = await world.execute(input);
  expect({ passed, status }).toEqual({ passed: false, status: 'FAILED' });
  expect(world.cluster.running()).toEqual([]);
  expect(world.bucket.objects.has('results/lock.json')).toBe(false);
  expect(world.events).toHaveLength(1);
  return reason;
}

function endpoint(changes: Parameters<World['changeEndpoint']>[0]) {
  return (world: World) => {
    world.changeEndpoint(changes);
  };
}

describe('fails when the endpoint', () => {
  test('does not exist', async () => {
    const reason = await failure((world) => {
      world.endpoint = serviceError('ValidationException', 'Could not find endpoint "demo".');
    });
    expect(reason).toBe('the endpoint demo does not exist (ValidationException: Could not find endpoint "demo".)');
  });

  test.each(['Creating', 'Failed', 'Deleting', 'RollingBack', 'OutOfService'] as const)('is %s', async (status) => {
    expect(await failure(endpoint({ EndpointStatus: status, FailureReason: 'why' }))).toBe(`the endpoint demo must be InService, got ${status}: why`);
  });

  test('is being updated at the start', async () => {
    expect(await failure(endpoint({ EndpointStatus: 'Updating' }))).toMatch('must be InService before a load test, got Updating: wait');
  });

  test('lacks the variant', async () => {
    expect(await failure(() => undefined, { ...SETTINGS, variantName: 'blue' })).toBe('the endpoint demo must have the variant blue, got AllTraffic');
  });

  test('has several variants and none is named', async () => {
    const two = endpoint({ ProductionVariants: [{ VariantName: 'blue' }, { VariantName: 'green' }] });
    expect(await failure(two)).toMatch('has the variants blue, green: give the load test the name of one');
  });

  test('is serverless', async () => {
    expect(await failure((world) => {
      world.variantConfig = { VariantName: 'AllTraffic', ServerlessConfig: {} };
    })).toMatch('has no instance type: a serverless variant has no instances');
  });

  test('has instances whose vCPUs nobody knows', async () => {
    expect(await failure((world) => {
      world.variantConfig = { VariantName: 'AllTraffic', InstanceType: 'ml.z9.huge' };
    })).toMatch('the vCPUs of ml.z9.huge are not known');
  });

  test('is deleted in the middle', async () => {
    expect(await failure((world) => {
      world.whileHeld = () => {
        world.endpoint = serviceError('ValidationException', 'Could not find endpoint "demo".');
      };
    })).toMatch(/^the endpoint demo does not exist/);
  });

  test('does not come up again in the middle', async () => {
    expect(await failure((world) => {
      world.whileHeld = () => {
        endpoint({ EndpointStatus: 'Failed' })(world);
      };
    })).toBe('the endpoint demo must be InService, got Failed');
  });

  test('is not described for another reason, in the service\'s words', async () => {
    expect(await failure((world) => {
      world.endpoint = serviceError('AccessDeniedException', 'not authorized');
    })).toBe('AccessDeniedException: not authorized');
  });
});

describe('fails when the payloads', () => {
  test('are larger than InvokeEndpoint takes, before anything is started', async () => {
    const world = new World();
    world.bucket.objects.set('input/payloads/large', 'x'.repeat(6 * 1024 * 1024 + 1));
    expect((await world.execute()).reason).toBe(
      'the payload s3://input/payloads/large must have at most 6291456 bytes (6 MB, InvokeEndpoint\'s limit), got 6291457',
    );
    expect(world.cluster.requests).toEqual([]);
  });

  test('are none', async () => {
    expect(await failure((world) => {
      world.bucket.objects.clear();
    })).toBe('there is no payload in s3://input/payloads/');
  });

  test('are refused from the first request on', async () => {
    expect(await failure((world) => {
      world.whileHeld = () => {
        world.writeMaster({
          state: 'SETTLING', step: 1,
          progress: { requests: 7, failures: 7, errors: [{ kind: 'refused', code: 'ValidationError', status: 400, count: 7, message: 'content type' }] },
        });
      };
    })).toBe('InvokeEndpoint refused all of the first 7 requests in step 1: ValidationError (400): content type');
  });
});

test('errors of the model among the first requests do not stop a step', async () => {
  const world = new World();
  world.whileHeld = () => {
    world.writeMaster({
      state: 'SETTLING', step: 1, progress: { requests: 7, failures: 7, errors: [{ kind: 'model', code: 'ModelError', status: 500, count: 7, message: 'no' }] },
    });
  };
  await expect(world.execute()).resolves.toMatchObject({ passed: true });
});

describe('fails when what is asked', () => {
  test.each([
    [{ users: 0 }, 'users must have at least one step, each a whole number of at least 1, got [0]'],
    [{ users: [] }, 'users must have at least one step, each a whole number of at least 1, got []'],
    [{ users: [1.5] }, 'each a whole number of at least 1, got [1.5]'],
    [{ users: [4, 2] }, 'users must rise from step to step, got [4,2]'],
    [{ users: ['many'] }, 'users must be a list of whole numbers, got ["many"]'],
    [{ holdSeconds: 60 }, 'holdSeconds must be at least 120, two periods of the endpoint\'s metrics, so that one whole period lies in it, got 60'],
    [{ targetTps: -1 }, 'targetTps must be a number of at least 0, got -1'],
    [{ user: 3 }, 'the execution\'s input may have users, settleSeconds, holdSeconds, targetTps, p99Ms, errorPercent, got user'],
    [[], 'the execution\'s input must be an object, got []'],
  ])('is %j', async (input, words) => {
    expect(await failure(() => undefined, SETTINGS, input)).toContain(words);
  });

  test('is a million users, with what they cost', async () => {
    expect(await failure(() => undefined, SETTINGS, { users: 1_000_000 })).toMatch(
      /^1000000 users need 1000 workers of at most 1000 users, and maxWorkers is 4: they would cost about 39\.50 dollars an hour/,
    );
  });

  test('has a name that is no folder', async () => {
    await expect(new World().act('start', { runId: 'a b' })).rejects.toThrow('it must have letters, digits, dots, hyphens and underscores, got a b');
  });
});

describe('fails when ECS', () => {
  test('refuses the task for its quota', async () => {
    expect(await failure((world) => {
      world.cluster.refusal = serviceError('LimitExceededException', 'You\'ve reached the limit on the number of vCPUs you can run concurrently');
    })).toMatch(/^ECS did not start the master .*reached the limit.*: the account's quota of Fargate vCPUs is reached/);
  });

  test('has no room', async () => {
    expect(await failure((world) => {
      world.cluster.failures = [{ reason: 'Capacity is unavailable at this time.' }];
    })).toMatch(/^ECS did not start 1 of 1 tasks of the master \(Capacity is unavailable at this time\.\): Fargate has no room/);
  });

  test('has no address in the subnet', async () => {
    expect(await failure((world) => {
      world.cluster.failures = [{ reason: 'RESOURCE:ENI' }];
    })).toMatch('the subnets have no free address');
  });

  test('cannot pull the image', async () => {
    expect(await failure((world) => {
      world.masterIsThere = false;
      world.before = (action) => {
        if (action === 'poll') {
          world.cluster.end('task-1', 'CannotPullContainerError: pull image manifest has been retried 7 time(s)');
        }
      };
    })).toMatch(/^the master's task ended before the first step: CannotPullContainerError.*the image could not be pulled/);
  });

  test('does not run the master in time', async () => {
    expect(await failure((world) => {
      world.cluster.status = 'PENDING';
    })).toMatch(/^the master's task did not run within 300 s/);
  });
});

describe('fails when workers', () => {
  test('never come', async () => {
    expect(await failure((world) => {
      world.masterIsThere = false;
    })).toMatch(/^1 of 1 workers did not come within 300 s: .* port 5557/);
  });

  test('end before they reach the master', async () => {
    expect(await failure((world) => {
      world.masterIsThere = false;
      world.before = () => {
        for (const arn of world.cluster.named('worker:1')) {
          world.cluster.end(arn, 'Essential container in task exited', 1);
        }
      };
    })).toMatch(/^a worker's task ended before it reached the master: Essential container in task exited, exit code 1\. See .* task-2/);
  });

  test('all end in a step', async () => {
    expect(await failure((world) => {
      world.whileHeld = () => {
        for (const arn of world.cluster.named('worker:1')) {
          world.cluster.end(arn, 'OutOfMemoryError: Container killed due to memory usage', 137);
        }
      };
    })).toMatch(/^all workers ended in step 1: OutOfMemoryError.*exit code 137/);
  });
});

describe('fails when the master', () => {
  test('cannot import the Locust file, with Python\'s words', async () => {
    expect(await failure((world) => {
      world.masterIsThere = false;
      world.after = (action) => {
        if (action === 'start') {
          world.writeMaster({ state: 'FAILED', failure: 'the Locust file does not import:\nNo module named x' });
        }
      };
    })).toBe('the Locust file does not import:\nNo module named x');
  });

  test('ends in a step', async () => {
    expect(await failure((world) => {
      world.whileHeld = () => {
        world.cluster.end('task-1', 'Essential container in task exited', 137);
      };
    })).toBe('the master\'s task ended in step 1: Essential container in task exited, exit code 137');
  });

  test('does not finish a step', async () => {
    expect(await failure((world) => {
      world.whileHeld = () => {
        world.masterIsThere = false;
      };
    })).toBe('the master did not finish step 1 in time: it is HOLDING');
  });
});
