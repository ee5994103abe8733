import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeEndpointCommand, UpdateEndpointWeightsAndCapacitiesCommand } from '@aws-sdk/client-sagemaker';
import { TestCloud } from '../../test/deploy/harness';
import { bestTps, LoadTestRuns } from '../../test/deploy/load-test-runs';
import type { Row } from '../row';

interface Case {
  readonly name: string;
  /** Of an instance: how many requests at a time, and how long each takes. */
  readonly concurrency: number;
  readonly serviceMs: number;
  readonly cpuPercent?: number;
  readonly users: readonly number[];
  readonly instances?: number;
}

const SMALLEST: Pick<Case, 'concurrency' | 'serviceMs'> = { concurrency: 2, serviceMs: 100 };
const DECLARED: readonly Case[] = [
  { name: 'tps-20', ...SMALLEST, users: [2, 4, 8] },
  { name: 'tps-60', concurrency: 6, serviceMs: 100, users: [6, 9, 12] },
  { name: 'tps-120', concurrency: 6, serviceMs: 50, users: [6, 9, 12] },
];
/** Requests go to instances in turn, so that more users than they work on at once are needed to fill them. */
const FIVE: Case = { name: 'five-instances', ...SMALLEST, users: [15, 30, 45], instances: 5 };
/** Requests a minute for each instance: seven tenths of what one bears. */
const SCALING_TARGET = 20 * 60 * 0.7;
const TARGET_TPS = 50;
/** Three periods above the target make it scale out, and then it waits for its cooldown of five: all of them twice. */
const SCALING_SECONDS = 80;

/** Load tests in the local cloud, each as its own execution: what is found against what was declared, and verdicts that must differ. */
export async function benchLoadTestCloud(): Promise<Row[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'load-test-'));
  const payload = path.join(folder, 'payload.json');
  const data = Array.from({ length: 13 }, (_, index) => index);
  fs.writeFileSync(payload, JSON.stringify({ inputs: [{ name: 'measurements', shape: [1, 13], datatype: 'FP32', data }] }));
  const cloud = await TestCloud.start('load-test-bench', {
    endpoints: { delays: { creatingMs: 500, updatingMs: 500 }, metrics: { periodSeconds: 5, delaySeconds: 1 } },
  });
  try {
    const deploy = async (context: Record<string, string>): Promise<LoadTestBench> => {
      await cloud.deploy({ app: 'test/deploy/fixtures/load-test-app.ts', context: { model: 'examples/scikit-learn/model.onnx', payload, ...context } });
      return new LoadTestBench(cloud, await cloud.outputs('LoadTest'));
    };
    const bench = await deploy({});
    const rows: Row[] = [];
    const found: number[] = [];
    for (const one of DECLARED) {
      const tps = await bench.tpsOf(one);
      found.push(tps);
      rows.push(deviation(one.name, tps, one.concurrency * 1000 / one.serviceMs, 10));
    }
    rows.push(deviation('five instances beside five times one', await bench.tpsOf(FIVE), 5 * (found[0] ?? 0), 15));
    await bench.scaleTo(1);
    rows.push(await bench.verdict({ name: 'client-limited', concurrency: 200, serviceMs: 20, users: [64, 128, 256] }, 'client-limited'));
    rows.push(await bench.verdict({ name: 'container-fault', ...SMALLEST, cpuPercent: 20, users: [2, 4, 8] }, 'container-limited'));
    rows.push(await bench.verdict({ name: 'full', ...SMALLEST, users: [2, 4, 8] }, 'instance-full'));
    rows.push(await (await deploy({ target: String(SCALING_TARGET) })).fromRedToGreen());
    return rows;
  } finally {
    await cloud.stop();
    fs.rmSync(folder, { recursive: true });
  }
}

class LoadTestBench {
  private readonly runs: LoadTestRuns;

  public constructor(private readonly cloud: TestCloud, private readonly outputs: Record<string, string>) {
    this.runs = new LoadTestRuns(cloud.cloud.clients, outputs);
  }

  public async tpsOf(one: Case): Promise<number> {
    await this.declare(one);
    await this.runs.ended(await this.runs.start(one.name, { users: one.users }));
    return bestTps(await this.runs.steps(one.name));
  }

  public async verdict(one: Case, wanted: string): Promise<Row> {
    const tps = await this.tpsOf(one);
    const { cloud, summary } = await this.runs.report(one.name);
    const kind = cloud?.verdict.kind ?? '';
    const detail = `${kind} at ${tps.toFixed(1)} TPS: ${summary}`;
    return { what: `verdict ${wanted}: missed`, ratio: Number(kind !== wanted), goal: 0, unit: 'runs', detail };
  }

  /** The same load twice: at first one instance is too little, and then the endpoint has had the time to scale out. */
  public async fromRedToGreen(): Promise<Row> {
    await this.declare({ name: 'scaling', ...SMALLEST, users: [] });
    const input = { users: [16], holdSeconds: 10, targetTps: TARGET_TPS };
    const statuses: string[] = [];
    for (const [name, settleSeconds] of [['red', 1], ['green', SCALING_SECONDS]] as const) {
      const { status = '' } = await this.runs.ended(await this.runs.start(name, { ...input, settleSeconds }));
      const [step] = (await this.runs.steps(name)).slice(-1);
      statuses.push(`${name} ${status} at ${step?.client.tps.toFixed(1) ?? '?'} TPS with ${step?.endpoint?.instancesFrom ?? '?'} instances`);
    }
    const isGreen = statuses[0]?.startsWith('red FAILED') === true && statuses[1]?.startsWith('green SUCCEEDED') === true;
    return { what: 'auto scaling from red to green: missed', ratio: Number(!isGreen), goal: 0, unit: 'runs', detail: statuses.join(', ') };
  }

  public async scaleTo(instances: number): Promise<void> {
    const { sageMaker } = this.cloud.cloud.clients;
    const EndpointName = this.outputs.EndpointName;
    const described = async (): Promise<[string | undefined, number | undefined]> => {
      const found = await sageMaker.send(new DescribeEndpointCommand({ EndpointName }));
      return [found.EndpointStatus, found.ProductionVariants?.[0]?.CurrentInstanceCount];
    };
    if ((await described())[1] === instances) {
      return;
    }
    await sageMaker.send(new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName, DesiredWeightsAndCapacities: [{ VariantName: 'AllTraffic', DesiredInstanceCount: instances }],
    }));
    for (let waited = 0; waited < 120; waited += 1) {
      const [status, count] = await described();
      if (status === 'InService' && count === instances) {
        return;
      }
      await sleep(500);
    }
    throw new Error(`the endpoint has not come to ${instances} instances`);
  }

  private async declare({ concurrency, serviceMs, cpuPercent, instances }: Case): Promise<void> {
    await this.cloud.capacity({
      endpointNameContains: this.outputs.EndpointName, concurrency, serviceMs, queue: 300,
      ...cpuPercent === undefined ? {} : { cpuPercent },
    });
    if (instances !== undefined) {
      await this.scaleTo(instances);
    }
  }
}

function deviation(what: string, found: number, declared: number, goal: number): Row {
  return {
    what: `${what}: off by`, ratio: Math.abs(found / declared - 1) * 100, goal, unit: '%',
    detail: `found ${found.toFixed(1)}, expected ${declared.toFixed(1)} TPS`,
  };
}
