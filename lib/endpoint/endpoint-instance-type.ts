import { Token } from 'aws-cdk-lib';
import { ValidationError } from '../private/validation';
import { instanceSize } from './private/instance-types';

/** What an instance has, for a type that the library does not know. */
export interface EndpointInstanceTypeOptions {
  /**
   * The number of vCPUs: 1 or more. `CPUUtilization` of an instance has its ceiling at this number × 100.
   * @default - the number in the library's table; a type that is not in it has none, and `vcpus` of it is undefined
   */
  readonly vcpus?: number;

  /**
   * The memory in GiB.
   * @default - the size in the library's table; a type that is not in it has none
   */
  readonly memoryGib?: number;

  /**
   * The number of GPUs. `GPUUtilization` of an instance has its ceiling at this number × 100.
   * @default - the number in the library's table; 0 for a type that is not in it
   */
  readonly gpus?: number;
}

/**
 * The type of the instances of a variant, for example `ml.m5.xlarge`.
 *
 * The constants are types that are often used. For each other type of SageMaker, use `EndpointInstanceType.of`.
 */
export class EndpointInstanceType {
  /** 2 vCPUs, 8 GiB. */
  public static readonly M5_LARGE = EndpointInstanceType.of('ml.m5.large');
  /** 4 vCPUs, 16 GiB. */
  public static readonly M5_XLARGE = EndpointInstanceType.of('ml.m5.xlarge');
  /** 8 vCPUs, 32 GiB. */
  public static readonly M5_2XLARGE = EndpointInstanceType.of('ml.m5.2xlarge');
  /** 16 vCPUs, 64 GiB. */
  public static readonly M5_4XLARGE = EndpointInstanceType.of('ml.m5.4xlarge');
  /** 48 vCPUs, 192 GiB. */
  public static readonly M5_12XLARGE = EndpointInstanceType.of('ml.m5.12xlarge');
  /** 96 vCPUs, 384 GiB. */
  public static readonly M5_24XLARGE = EndpointInstanceType.of('ml.m5.24xlarge');
  /** 2 vCPUs, 4 GiB. */
  public static readonly C5_LARGE = EndpointInstanceType.of('ml.c5.large');
  /** 4 vCPUs, 8 GiB. */
  public static readonly C5_XLARGE = EndpointInstanceType.of('ml.c5.xlarge');
  /** 8 vCPUs, 16 GiB. */
  public static readonly C5_2XLARGE = EndpointInstanceType.of('ml.c5.2xlarge');
  /** 16 vCPUs, 32 GiB. */
  public static readonly C5_4XLARGE = EndpointInstanceType.of('ml.c5.4xlarge');
  /** 36 vCPUs, 72 GiB. */
  public static readonly C5_9XLARGE = EndpointInstanceType.of('ml.c5.9xlarge');
  /** 72 vCPUs, 144 GiB. */
  public static readonly C5_18XLARGE = EndpointInstanceType.of('ml.c5.18xlarge');
  /** 2 vCPUs, 8 GiB. */
  public static readonly M7I_LARGE = EndpointInstanceType.of('ml.m7i.large');
  /** 4 vCPUs, 16 GiB. */
  public static readonly M7I_XLARGE = EndpointInstanceType.of('ml.m7i.xlarge');
  /** 8 vCPUs, 32 GiB. */
  public static readonly M7I_2XLARGE = EndpointInstanceType.of('ml.m7i.2xlarge');
  /** 2 vCPUs, 4 GiB. */
  public static readonly C7I_LARGE = EndpointInstanceType.of('ml.c7i.large');
  /** 4 vCPUs, 8 GiB. */
  public static readonly C7I_XLARGE = EndpointInstanceType.of('ml.c7i.xlarge');
  /** 8 vCPUs, 16 GiB. */
  public static readonly C7I_2XLARGE = EndpointInstanceType.of('ml.c7i.2xlarge');
  /** 4 vCPUs, 16 GiB, 1 GPU (NVIDIA T4). */
  public static readonly G4DN_XLARGE = EndpointInstanceType.of('ml.g4dn.xlarge');
  /** 8 vCPUs, 32 GiB, 1 GPU (NVIDIA T4). */
  public static readonly G4DN_2XLARGE = EndpointInstanceType.of('ml.g4dn.2xlarge');
  /** 4 vCPUs, 16 GiB, 1 GPU (NVIDIA A10G). */
  public static readonly G5_XLARGE = EndpointInstanceType.of('ml.g5.xlarge');
  /** 8 vCPUs, 32 GiB, 1 GPU (NVIDIA A10G). */
  public static readonly G5_2XLARGE = EndpointInstanceType.of('ml.g5.2xlarge');
  /** 4 vCPUs, 16 GiB, 1 GPU (NVIDIA L4). */
  public static readonly G6_XLARGE = EndpointInstanceType.of('ml.g6.xlarge');

  /**
   * A type by its name. The vCPUs, the memory and the GPUs of most types are known; give them for a type that is new.
   *
   * @param instanceTypeName the name of the type, for example `ml.m5.xlarge`
   * @param options what an instance has
   */
  public static of(instanceTypeName: string, options: EndpointInstanceTypeOptions = {}): EndpointInstanceType {
    if (!Token.isUnresolved(instanceTypeName) && !/^ml\.[a-z0-9-]+\.[a-z0-9]+$/.test(instanceTypeName)) {
      throw new ValidationError(undefined, `an instance type must be like 'ml.m5.xlarge', got '${instanceTypeName}'`);
    }
    const { vcpus, memoryGib, gpus } = options;
    for (const [name, value, least] of [['vcpus', vcpus, 1], ['gpus', gpus, 0]] as const) {
      if (value !== undefined && !Token.isUnresolved(value) && (!Number.isInteger(value) || value < least)) {
        throw new ValidationError(undefined, `${name} of ${instanceTypeName} must be a whole number, at least ${least}, got ${value}`);
      }
    }
    if (memoryGib !== undefined && !Token.isUnresolved(memoryGib) && !(memoryGib > 0)) {
      throw new ValidationError(undefined, `memoryGib of ${instanceTypeName} must be more than 0, got ${memoryGib}`);
    }
    const known = instanceSize(instanceTypeName);
    return new EndpointInstanceType(instanceTypeName, {
      vcpus: vcpus ?? known?.vcpus, memoryGib: memoryGib ?? known?.memoryGib, gpus: gpus ?? known?.gpus ?? 0,
    });
  }

  /**
   * The number of vCPUs of an instance.
   * @default - not known
   */
  public readonly vcpus?: number;

  /**
   * The memory of an instance in GiB.
   * @default - not known
   */
  public readonly memoryGib?: number;

  /** The number of GPUs of an instance. */
  public readonly gpus: number;

  private constructor(
    /** The name of the type, for example `ml.m5.xlarge`. */
    public readonly instanceTypeName: string,
    size: EndpointInstanceTypeOptions,
  ) {
    this.vcpus = size.vcpus;
    this.memoryGib = size.memoryGib;
    this.gpus = size.gpus ?? 0;
  }

  /** The name of the type. */
  public toString(): string {
    return this.instanceTypeName;
  }
}
