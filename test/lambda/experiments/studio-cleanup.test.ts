import { DOMAIN, FakeStudio, serviceError } from './fake-studio';

const CLEANUP = 'Custom::SageMakerEdge-StudioCleanup';
const whole = { DomainId: DOMAIN };
const ana = { DomainId: DOMAIN, UserProfileName: 'ana' };
const lab = { DomainId: DOMAIN, SpaceName: 'lab' };

beforeEach(() => {
  jest.spyOn(console, 'log').mockReturnValue(undefined);
});

const changes = ({ calls }: FakeStudio): string[] => calls.filter((call) => call.startsWith('delete'));

describe('the cleanup of a domain', () => {
  test('does nothing while the domain is there', async () => {
    const studio = new FakeStudio();
    studio.app('lab');
    await expect(studio.event(CLEANUP, whole)).resolves.toEqual({ id: DOMAIN, waits: [] });
    await expect(studio.event(CLEANUP, whole, 'Update', { OldResourceProperties: whole })).resolves.toMatchObject({ waits: [] });
    expect(changes(studio)).toEqual([]);
  });

  test('stops applications, then deletes spaces, then users, and waits for each', async () => {
    const studio = new FakeStudio();
    studio.app('lab');
    studio.space('lab', 'ana');
    studio.users = [{ UserProfileName: 'ana', Status: 'InService' }];
    const { waits } = await studio.event(CLEANUP, whole, 'Delete');
    expect(changes(studio)).toEqual(['deleteApp lab', 'deleteSpace lab', 'deleteUserProfile ana']);
    expect(waits).toEqual(['the applications lab/default to end', 'the spaces lab to be deleted', 'the users ana to be deleted']);
  });

  test('deletes an application once, and no application that has ended', async () => {
    const studio = new FakeStudio();
    studio.app('lab', 'Deleting');
    studio.app('old', 'Deleted');
    await studio.event(CLEANUP, whole, 'Delete');
    expect(changes(studio)).toEqual([]);
  });

  test('leaves the domain and its home directories to CloudFormation', async () => {
    const studio = new FakeStudio();
    await studio.event(CLEANUP, whole, 'Delete');
    expect(studio.status).toBe('InService');
  });

  test('deletes the domain with its home directories where that is asked for, and waits', async () => {
    const studio = new FakeStudio();
    const { waits } = await studio.event(CLEANUP, { ...whole, HomeFileSystem: 'Delete' }, 'Delete');
    expect(changes(studio)).toEqual(['deleteDomain Delete']);
    expect(waits).toEqual([`the domain ${DOMAIN} and its home directories to be deleted`]);
  });

  test('is done where somebody has deleted the domain by hand', async () => {
    const studio = new FakeStudio();
    studio.status = undefined;
    for (const name of ['listSpaces', 'listApps', 'listUserProfiles']) {
      studio.faults.set(name, serviceError('ResourceNotFound'));
    }
    await expect(studio.event(CLEANUP, { ...whole, HomeFileSystem: 'Delete' }, 'Delete')).resolves.toMatchObject({ waits: [] });
  });

  test('is done where an application ends by itself between list and delete', async () => {
    const studio = new FakeStudio();
    studio.app('lab');
    studio.faults.set('deleteApp', serviceError('ResourceNotFound'));
    await expect(studio.event(CLEANUP, whole, 'Delete')).resolves.toMatchObject({ id: 'it' });
  });

  test('tries again while something is in use', async () => {
    const studio = new FakeStudio();
    studio.space('lab', 'ana');
    studio.faults.set('deleteSpace', serviceError('ResourceInUse'));
    await studio.event(CLEANUP, whole, 'Delete');
    expect(changes(studio)).toEqual(['deleteSpace lab', 'deleteSpace lab']);
  });

  test('fails when the domain cannot be deleted, with SageMaker\'s reason', async () => {
    const studio = new FakeStudio();
    studio.status = 'Delete_Failed';
    studio.failureReason = 'a mount target is in use';
    await expect(studio.event(CLEANUP, { ...whole, HomeFileSystem: 'Delete' }, 'Delete')).rejects.toThrow(
      `the domain ${DOMAIN} could not be deleted with its home directories: a mount target is in use`,
    );
  });

  test('fails when the service refuses for another reason', async () => {
    const studio = new FakeStudio();
    studio.app('lab');
    studio.faults.set('deleteApp', serviceError('ValidationException', 'no such type'));
    await expect(studio.event(CLEANUP, whole, 'Delete')).rejects.toThrow('no such type');
  });

  test.each([[{}, 'property DomainId must be text'], [{ ...whole, HomeFileSystem: 'Keep' }, 'property HomeFileSystem must be one of Delete']])('fails when its properties are %p', async (properties, message) => {
    await expect(new FakeStudio().event(CLEANUP, properties)).rejects.toThrow(message);
  });
});

describe('the cleanup of a user', () => {
  test('concerns their spaces alone', async () => {
    const studio = new FakeStudio();
    studio.space('lab', 'ana');
    studio.space('other', 'ben');
    studio.app('lab');
    studio.app('other');
    studio.users = [{ UserProfileName: 'ana' }, { UserProfileName: 'ben' }];
    await expect(studio.event(CLEANUP, ana)).resolves.toMatchObject({ id: `${DOMAIN}/user/ana` });
    await studio.event(CLEANUP, ana, 'Delete');
    expect(changes(studio)).toEqual(['deleteApp lab', 'deleteSpace lab']);
    expect(studio.spaces.map(({ SpaceName }) => SpaceName)).toEqual(['other']);
    expect(studio.users).toHaveLength(2);
  });

  test('stops an application of Studio Classic, which has no space', async () => {
    const studio = new FakeStudio();
    studio.apps = [{ DomainId: DOMAIN, UserProfileName: 'ana', AppName: 'default', AppType: 'JupyterServer', Status: 'InService' }];
    await studio.event(CLEANUP, ana, 'Delete');
    expect(changes(studio)).toEqual(['deleteApp ana']);
  });
});

describe('the cleanup of a space', () => {
  test('stops its application, and leaves the space to CloudFormation', async () => {
    const studio = new FakeStudio();
    studio.space('lab', 'ana');
    studio.space('other', 'ana');
    studio.app('lab');
    studio.app('other');
    await expect(studio.event(CLEANUP, lab)).resolves.toMatchObject({ id: `${DOMAIN}/space/lab` });
    await studio.event(CLEANUP, lab, 'Delete');
    expect(changes(studio)).toEqual(['deleteApp lab']);
    expect(studio.spaces).toHaveLength(2);
  });

  test('names at most three applications in a wait', async () => {
    const studio = new FakeStudio();
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      studio.app(name);
    }
    const { waits } = await studio.event(CLEANUP, whole, 'Delete');
    expect(waits[0]).toBe('the applications a/default, b/default, c/default and 2 more to end');
  });
});
