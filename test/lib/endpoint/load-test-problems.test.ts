import * as fs from 'node:fs';
import * as path from 'node:path';
import { aws_s3 as s3, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LoadTestScenario, type EndpointLoadTestProps } from '../../../lib';
import { FOLDER, PAYLOAD, stackWith } from './load-test-stack';

describe('fails when', () => {
  test.each<[string, Partial<EndpointLoadTestProps>, string]>([
    ['there is no step', { users: [] }, 'users must be whole numbers of at least 1 that rise, got []'],
    ['a step has no users', { users: [0, 1] }, 'users must be whole numbers of at least 1 that rise, got [0,1]'],
    ['users do not rise', { users: [2, 2] }, 'users must be whole numbers of at least 1 that rise, got [2,2]'],
    ['a million users are asked for', { users: [1_000_000] }, '1000000 users need 1000 workers of at most 1000 users, and maxWorkers is 10: they would cost about 39.50 dollars'],
    ['there are no workers', { workers: 0 }, 'workers must be a whole number from 1 to 100, got 0'],
    ['there are fewer workers at most than at first', { workers: 3, maxWorkers: 2 }, 'maxWorkers must be a whole number from 3 to 100, got 2'],
    ['the error rate is none', { maxErrorPercent: 101 }, 'maxErrorPercent must be a number of at least 0 and at most 100, got 101'],
    ['the target is none', { targetTps: -1 }, 'targetTps must be a number of at least 0, got -1'],
    ['no period lies in the hold', { holdTime: Duration.seconds(90) }, 'holdTime must be at least two metric periods, 120 s'],
    ['metrics have no such period', { metricPeriod: Duration.seconds(45) }, 'metricPeriod must be 10 or 30 seconds or whole minutes'],
    ['steps take longer than the timeout', { timeout: Duration.minutes(20) }, 'timeout must be longer than all steps, which take 1680 s'],
    ['subnets are given without their VPC', { vpcSubnets: {} }, 'vpcSubnets selects subnets of vpc: give a vpc too'],
  ])('%s', (_, props, words) => {
    expect(() => stackWith(props)).toThrow(words);
  });

  test('a bucket is given with a removal policy', () => {
    const bucket = s3.Bucket.fromBucketName(new Stack(), 'B', 'bucket');
    expect(() => stackWith({ resultsBucket: bucket, removalPolicy: RemovalPolicy.DESTROY })).toThrow('removalPolicy is that of a new bucket');
  });

  test('the payload is larger than InvokeEndpoint takes', () => {
    const large = path.join(FOLDER, 'large');
    fs.writeFileSync(large, Buffer.alloc(6 * 1024 * 1024 + 1));
    expect(() => stackWith({ scenario: LoadTestScenario.payload(large) })).toThrow('a payload must have at most 6291456 bytes');
    fs.rmSync(large);
  });

  test('the payload is not there, or is a folder', () => {
    expect(() => stackWith({ scenario: LoadTestScenario.payload('/nothing') })).toThrow('must be a file, got nothing at /nothing');
    expect(() => stackWith({ scenario: LoadTestScenario.payload(FOLDER) })).toThrow(`must be a file, got ${FOLDER}`);
  });

  test('the folder of payloads is empty', () => {
    const empty = fs.mkdtempSync(path.join(FOLDER, 'empty-'));
    expect(() => stackWith({ scenario: LoadTestScenario.payloads(empty) })).toThrow('must be at least one file, got an empty folder');
    fs.rmdirSync(empty);
  });

  test('the Locust file is none', () => {
    expect(() => stackWith({ scenario: LoadTestScenario.locustFile(PAYLOAD) })).toThrow('a Locust file must be a file whose name ends with .py');
  });

  test('a prefix has what IAM would read as a wildcard', () => {
    const bucket = s3.Bucket.fromBucketName(new Stack(), 'B', 'bucket');
    expect(() => stackWith({ scenario: LoadTestScenario.payloadsFromBucket(bucket, 'a*') })).toThrow('without * ? $');
  });
});
