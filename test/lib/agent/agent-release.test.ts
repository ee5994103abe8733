import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, aws_ec2 as ec2, aws_iam as iam, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AgentRelease } from '../../../lib/agent/agent-release';
import { modelArchive, modelFile, modelFolder } from '../temp-models';

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo');
});

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
const bind = (release: AgentRelease) => release._bind(stack, ec2.InstanceArchitecture.X86_64);

test('a folder is uploaded, with the digest of each file', () => {
  const { files, sha256: archive, s3Uri } = bind(AgentRelease.fromAsset(modelFolder({ 'agent.js': 'agent', 'lib/native.node': 'native' })));
  expect(files).toEqual({ 'agent.js': sha256('agent'), 'lib/native.node': sha256('native') });
  expect(archive).toBeUndefined();
  expect(JSON.stringify(stack.resolve(s3Uri))).toMatch(/s3:\/\/.*\.zip/);
});

test('an archive is uploaded as it is, with its digest', () => {
  const archive = modelArchive({ 'agent.js': 'agent' }, 'agent.tar.gz');
  expect(bind(AgentRelease.fromAsset(archive))).toMatchObject({ sha256: sha256(fs.readFileSync(archive)) });
});

test('an archive in a bucket keeps its place, and needs its digest', () => {
  const bucket = s3.Bucket.fromBucketName(stack, 'Releases', 'releases');
  expect(bind(AgentRelease.fromBucket(bucket, 'agent.zip', 'a'.repeat(64)))).toMatchObject({
    s3Uri: 's3://releases/agent.zip',
    objectKey: 'agent.zip',
    sha256: 'a'.repeat(64),
  });
});

test('the right to read it is for this one object', () => {
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  bind(AgentRelease.fromBucket(s3.Bucket.fromBucketName(stack, 'Releases', 'releases'), 'agent.zip', 'a'.repeat(64))).grantRead(role);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        {
          Action: 's3:GetObject',
          Effect: 'Allow',
          Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::releases/agent.zip']] },
        },
      ],
    },
  });
});

test.each([
  [ec2.InstanceArchitecture.X86_64, 'x64'],
  [ec2.InstanceArchitecture.ARM_64, 'arm64'],
])('the bundled agent for %s has the digest of its archive, or its absence says how to make it', (architecture, arch) => {
  const archive = path.join(__dirname, '..', '..', '..', 'assets', 'agent', `agent-linux-${arch}.zip`);
  const make = () => AgentRelease.bundled()._bind(stack, architecture);
  if (fs.existsSync(archive)) {
    expect(make().sha256).toBe(sha256(fs.readFileSync(archive)));
  } else {
    expect(make).toThrow("run 'npm run build:assets'");
  }
});

describe('fails when', () => {
  test('nothing is there', () => {
    expect(() => bind(AgentRelease.fromAsset('/no/such/agent'))).toThrow(
      "Demo: agent release must be a folder or an archive, got '/no/such/agent', which does not exist",
    );
  });

  test('a folder has no agent.js', () => {
    expect(() => bind(AgentRelease.fromAsset(modelFolder({ 'main.js': '' })))).toThrow('agent release must have agent.js at its root');
  });

  test('a folder holds a link', () => {
    const folder = modelFolder({ 'agent.js': '' });
    fs.symlinkSync('/etc/passwd', path.join(folder, 'link'));
    expect(() => bind(AgentRelease.fromAsset(folder))).toThrow('agent release must hold no links');
  });

  test('a file is no archive', () => {
    expect(() => bind(AgentRelease.fromAsset(modelFile('agent.js', '')))).toThrow(
      "agent release must be a folder or an archive that ends with '.zip', '.tar.gz' or '.tgz'",
    );
  });

  test('a digest is none', () => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Releases', 'releases');
    expect(() => bind(AgentRelease.fromBucket(bucket, 'agent.zip', 'ABC'))).toThrow(
      'sha256 of an agent release must be a SHA-256 of 64 lower-case hexadecimal digits',
    );
    expect(() => bind(AgentRelease.fromBucket(bucket, '/agent.zip', 'a'.repeat(64)))).toThrow(
      "key of an agent release must be a key that does not begin with '/'",
    );
  });
});
