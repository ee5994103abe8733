import {
  CreateAppCommand, CreateSpaceCommand, DescribeAppCommand, DescribeDomainCommand, DescribeImageVersionCommand, type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { cloudEnvironment } from '../../local/cloud/environment';
import { TestCloud } from './harness';

const run = promisify(execFile);

const app = 'test/deploy/fixtures/studio-app.ts';
const deployment = { app, context: {} };

describe('Studio in the local cloud', () => {
  let cloud: TestCloud;
  let sageMaker: SageMakerClient;
  let domainId = '';

  const existing = (stack: string, tag = '1'): { app: string; context: Record<string, string> } => ({
    app,
    context: { existing: domainId, stack, tag },
  });
  const images = async (): Promise<(string | undefined)[]> => {
    const { DefaultUserSettings: settings } = await sageMaker.send(new DescribeDomainCommand({ DomainId: domainId }));
    return settings?.JupyterLabAppSettings?.CustomImages?.map(({ ImageName, ImageVersionNumber }) => `${ImageName ?? ''}:${ImageVersionNumber ?? ''}`) ?? [];
  };

  beforeAll(async () => {
    cloud = await TestCloud.start('studio');
    ({ sageMaker } = cloud.cloud.clients);
    await cloud.deploy(deployment);
    ({ DomainId: domainId = '' } = await cloud.outputs('Studio'));
  });
  afterAll(async () => {
    await cloud.stop();
  });

  test('has the image that was built, by its digest', async () => {
    const { BaseImage: image } = await sageMaker.send(new DescribeImageVersionCommand({ ImageName: 'Studio-Image', Version: 1 }));
    expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
  });

  test('has a domain with its image, and a place where experiments are tracked', async () => {
    expect(await images()).toEqual(['Studio-Image:1']);
    const { TrackingUri: uri } = await cloud.outputs('Studio');
    expect(uri).toMatch(/^arn:aws:sagemaker:us-east-1:\d{12}:mlflow-app\/app-[0-9A-F]+$/);
  });

  test('has a repository that git clones and pushes to by git-remote-codecommit', async () => {
    const { folder, endpoints } = cloud.cloud;
    const work = fs.mkdtempSync(path.join(folder.tmp, 'git-'));
    const env = {
      ...cloudEnvironment(folder, endpoints), PATH: `${path.dirname(folder.python)}:${process.env.PATH ?? ''}`,
      GIT_AUTHOR_NAME: 'Ana', GIT_AUTHOR_EMAIL: 'ana@example.com', GIT_COMMITTER_NAME: 'Ana', GIT_COMMITTER_EMAIL: 'ana@example.com',
    };
    const git = async (...args: string[]): Promise<string> => (await run('git', args, { cwd: work, env })).stdout.trim();
    await git('init', '--quiet', '--initial-branch', 'main', 'own');
    await git('-C', 'own', 'commit', '--quiet', '--allow-empty', '--message', 'First');
    await git('-C', 'own', 'push', '--quiet', 'codecommit::us-east-1://studio-data', 'main');
    await git('clone', '--quiet', 'codecommit::us-east-1://studio-data', 'clone');
    expect(await git('-C', 'clone', 'rev-parse', 'HEAD')).toBe(await git('-C', 'own', 'rev-parse', 'HEAD'));
    await expect(git('ls-remote', 'codecommit::us-east-1://nothing')).rejects.toThrow(/repository '[^']*' not found/);
  });

  test('has a second stack\'s image attached, in another version, kept by a rollback, and taken away again', async () => {
    await cloud.deploy(existing('Other'));
    expect(await images()).toEqual(['Studio-Image:1', 'Other-Image:1']);
    await cloud.deploy(existing('Other', '2'));
    expect(await images()).toEqual(['Studio-Image:1', 'Other-Image:2']);
    await cloud.fault({ jobNameContains: 'Other-Image', become: 'FAILED', reason: 'the image could not be found in ECR' });
    const { code, output } = await cloud.tryDeploy(existing('Other', '3'));
    expect(code).not.toBe(0);
    expect(output).toContain('the image could not be found in ECR');
    expect(await images()).toEqual(['Studio-Image:1', 'Other-Image:2']);
    await cloud.destroy(existing('Other'));
    expect(await images()).toEqual(['Studio-Image:1']);
  });

  test('is deleted while applications run, in its own space and in one that the user has made', async () => {
    await sageMaker.send(new CreateSpaceCommand({
      DomainId: domainId, SpaceName: 'by-hand', SpaceSettings: { AppType: 'JupyterLab' }, SpaceSharingSettings: { SharingType: 'Private' },
      OwnershipSettings: { OwnerUserProfileName: 'ana' },
    }));
    for (const SpaceName of ['lab', 'by-hand']) {
      const start = { DomainId: domainId, SpaceName, AppType: 'JupyterLab', AppName: 'default' } as const;
      await sageMaker.send(new CreateAppCommand(start));
      let status: string | undefined;
      while (status !== 'InService') {
        ({ Status: status } = await sageMaker.send(new DescribeAppCommand(start)));
      }
    }
    await cloud.destroy(deployment);
    expect(await cloud.leftovers()).toEqual([]);
    expect(await cloud.standInState()).toMatchObject({ studioDomains: [], studioPeople: [], studioImages: [], mlflow: [] });
  });
});
