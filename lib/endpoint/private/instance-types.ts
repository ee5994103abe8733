/**
 * What the instances of real-time endpoints have. An `ml.` type has the processors and the memory of the EC2 type of the same name.
 *
 * The types are those that `ProductionVariantInstanceType` of SageMaker's API lists. vCPUs and memory follow the sizes of EC2's families
 * and were written down from memory on 2026-11-27: nobody has compared them with https://aws.amazon.com/ec2/instance-types/ yet. GPUs are
 * from `instance_gpu_info.json` of aws/sagemaker-python-sdk, commit a24812666d25. Types that are not here are given by
 * `EndpointInstanceType.of` with their vCPUs.
 */
export interface InstanceSize {
  readonly vcpus: number;
  readonly memoryGib: number;
  readonly gpus: number;
}

/** Sizes of a family that is the same all through: GiB for each vCPU, and the sizes. */
interface Family {
  readonly gibPerVcpu: number;
  readonly sizes: readonly string[];
}

const sizes = (text: string): readonly string[] => text.split(' ');
const FIFTH = sizes('large xlarge 2xlarge 4xlarge 12xlarge 24xlarge');
const FIFTH_C = sizes('large xlarge 2xlarge 4xlarge 9xlarge 18xlarge');
const SIXTH_INTEL = sizes('large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge');
const SEVENTH_INTEL = sizes('large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge');
const GRAVITON = sizes('large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge');
const EIGHTH = sizes('medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge');

const FAMILIES: Readonly<Record<string, Family>> = {
  m5: { gibPerVcpu: 4, sizes: FIFTH },
  m5d: { gibPerVcpu: 4, sizes: FIFTH },
  c5: { gibPerVcpu: 2, sizes: FIFTH_C },
  c5d: { gibPerVcpu: 2, sizes: FIFTH_C },
  r5: { gibPerVcpu: 8, sizes: FIFTH },
  r5d: { gibPerVcpu: 8, sizes: FIFTH },
  m4: { gibPerVcpu: 4, sizes: sizes('xlarge 2xlarge 4xlarge 10xlarge 16xlarge') },
  m6i: { gibPerVcpu: 4, sizes: SIXTH_INTEL },
  c6i: { gibPerVcpu: 2, sizes: SIXTH_INTEL },
  c6in: { gibPerVcpu: 2, sizes: SIXTH_INTEL },
  r6i: { gibPerVcpu: 8, sizes: SIXTH_INTEL },
  m7i: { gibPerVcpu: 4, sizes: SEVENTH_INTEL },
  c7i: { gibPerVcpu: 2, sizes: SEVENTH_INTEL },
  r7i: { gibPerVcpu: 8, sizes: SEVENTH_INTEL },
  m6g: { gibPerVcpu: 4, sizes: GRAVITON },
  m6gd: { gibPerVcpu: 4, sizes: GRAVITON },
  c6g: { gibPerVcpu: 2, sizes: GRAVITON },
  c6gd: { gibPerVcpu: 2, sizes: GRAVITON },
  c6gn: { gibPerVcpu: 2, sizes: GRAVITON },
  r6g: { gibPerVcpu: 8, sizes: GRAVITON },
  r6gd: { gibPerVcpu: 8, sizes: GRAVITON },
  c7g: { gibPerVcpu: 2, sizes: GRAVITON },
  r7gd: { gibPerVcpu: 8, sizes: ['medium', ...GRAVITON] },
  m8g: { gibPerVcpu: 4, sizes: EIGHTH },
  c8g: { gibPerVcpu: 2, sizes: EIGHTH },
  r8g: { gibPerVcpu: 8, sizes: EIGHTH },
};

/** vCPUs, GiB and GPUs of the sizes that follow no rule. */
const SINGLE: Readonly<Record<string, readonly [vcpus: number, memoryGib: number, gpus: number]>> = {
  't2.medium': [2, 4, 0], 't2.large': [2, 8, 0], 't2.xlarge': [4, 16, 0], 't2.2xlarge': [8, 32, 0],
  'c4.large': [2, 3.75, 0], 'c4.xlarge': [4, 7.5, 0], 'c4.2xlarge': [8, 15, 0], 'c4.4xlarge': [16, 30, 0], 'c4.8xlarge': [36, 60, 0],
  'g4dn.xlarge': [4, 16, 1], 'g4dn.2xlarge': [8, 32, 1], 'g4dn.4xlarge': [16, 64, 1], 'g4dn.8xlarge': [32, 128, 1],
  'g4dn.12xlarge': [48, 192, 4], 'g4dn.16xlarge': [64, 256, 1],
  'g5.xlarge': [4, 16, 1], 'g5.2xlarge': [8, 32, 1], 'g5.4xlarge': [16, 64, 1], 'g5.8xlarge': [32, 128, 1],
  'g5.12xlarge': [48, 192, 4], 'g5.16xlarge': [64, 256, 1], 'g5.24xlarge': [96, 384, 4], 'g5.48xlarge': [192, 768, 8],
  'g6.xlarge': [4, 16, 1], 'g6.2xlarge': [8, 32, 1], 'g6.4xlarge': [16, 64, 1], 'g6.8xlarge': [32, 128, 1],
  'g6.12xlarge': [48, 192, 4], 'g6.16xlarge': [64, 256, 1], 'g6.24xlarge': [96, 384, 4], 'g6.48xlarge': [192, 768, 8],
  'p3.2xlarge': [8, 61, 1], 'p3.8xlarge': [32, 244, 4], 'p3.16xlarge': [64, 488, 8],
  'p4d.24xlarge': [96, 1152, 8], 'p4de.24xlarge': [96, 1152, 8], 'p5.48xlarge': [192, 2048, 8],
  'inf1.xlarge': [4, 8, 0], 'inf1.2xlarge': [8, 16, 0], 'inf1.6xlarge': [24, 48, 0], 'inf1.24xlarge': [96, 192, 0],
  'inf2.xlarge': [4, 16, 0], 'inf2.8xlarge': [32, 128, 0], 'inf2.24xlarge': [96, 384, 0], 'inf2.48xlarge': [192, 768, 0],
};

/** What an instance of this type has, for example of `ml.m5.xlarge`; undefined for a type that is not in the table. */
export function instanceSize(instanceType: string): InstanceSize | undefined {
  const name = instanceType.replace(/^ml\./, '');
  const single = SINGLE[name];
  if (single !== undefined) {
    const [vcpus, memoryGib, gpus] = single;
    return { vcpus, memoryGib, gpus };
  }
  const [family = '', size = ''] = name.split('.');
  const { gibPerVcpu, sizes: known } = FAMILIES[family] ?? { gibPerVcpu: 0, sizes: [] };
  const vcpus = vcpusOf(size);
  return known.includes(size) ? { vcpus, memoryGib: vcpus * gibPerVcpu, gpus: 0 } : undefined;
}

/** Four for each `xlarge`; `NaN` for a size of another kind. */
function vcpusOf(size: string): number {
  const below: Readonly<Record<string, number>> = { medium: 1, large: 2, xlarge: 4 };
  return below[size] ?? 4 * Number(/^(\d+)xlarge$/.exec(size)?.[1]);
}
