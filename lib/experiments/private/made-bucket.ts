import { aws_s3 as s3, RemovalPolicy, type aws_kms as kms } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { KEEP_OBJECTS, ownBucket } from '../../private/own-bucket';
import { ValidationError } from '../../private/validation';

/** How a bucket is made. */
interface MadeBucketProps {
  readonly encryptionKey?: kms.IKey;
  readonly removalPolicy?: RemovalPolicy;
  readonly versioned?: boolean;
}

/**
 * The bucket that a construct was given, or one that it makes.
 *
 * @param given the bucket, by the name of the property that it was given as. Throws where it comes with what a made one would have
 */
export function givenOrMadeBucket(
  scope: Construct, id: string, given: Readonly<Record<string, s3.IBucket | undefined>>, props: MadeBucketProps,
): s3.IBucket {
  const { encryptionKey, removalPolicy, versioned } = props;
  const [found] = Object.entries(given);
  if (found?.[1] === undefined) {
    return ownBucket(scope, id, {
      removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
      ...versioned === undefined ? {} : { versioned },
      ...encryptionKey === undefined ? {} : { encryption: s3.BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true },
    }, KEEP_OBJECTS);
  }
  for (const [name, value] of Object.entries({ encryptionKey, removalPolicy })) {
    if (value !== undefined) {
      throw new ValidationError(scope, `${name} is that of a bucket that is made, got it together with ${found[0]}: leave out one of them`);
    }
  }
  return found[1];
}
