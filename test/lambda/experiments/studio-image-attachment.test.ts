import { DOMAIN, FakeStudio, serviceError } from './fake-studio';

const ATTACHMENT = 'Custom::SageMakerEdge-StudioImageAttachment';
const OTHER = { ImageName: 'other', AppImageConfigName: 'other-config', ImageVersionNumber: 7 };
const OURS = { ImageName: 'dvc', AppImageConfigName: 'dvc-config', ImageVersionNumber: 1 };
const properties = (more: object = {}): object => (
  { DomainId: DOMAIN, AppType: 'JupyterLab', ImageName: 'dvc', AppImageConfigName: 'dvc-config', ImageVersionNumber: '1', ...more }
);

beforeEach(() => {
  jest.spyOn(console, 'log').mockReturnValue(undefined);
});

describe('an attachment', () => {
  test('is added to what is there, in the settings of its application, which stay', async () => {
    const studio = new FakeStudio();
    studio.images.JupyterLab = [OTHER];
    const { id } = await studio.event(ATTACHMENT, properties());
    expect(id).toBe(`${DOMAIN}/JupyterLab/dvc/dvc-config`);
    expect(studio.calls.filter((call) => call.startsWith('updateDomain'))).toEqual([
      `updateDomain ${JSON.stringify({ JupyterLabAppSettings: { LifecycleConfigArns: ['script'], CustomImages: [OTHER, OURS] } })}`,
    ]);
  });

  test('waits until the domain is in service again', async () => {
    const studio = new FakeStudio();
    const { waits } = await studio.event(ATTACHMENT, properties());
    expect(waits).toEqual([`the update of the domain ${DOMAIN}`]);
    expect(studio.status).toBe('InService');
  });

  test('changes nothing where it is there already, so that a repeated event does no harm', async () => {
    const studio = new FakeStudio();
    studio.images.JupyterLab = [OURS];
    await studio.event(ATTACHMENT, properties());
    expect(studio.calls).not.toContainEqual(expect.stringContaining('updateDomain'));
  });

  test('takes another version in its place, and a rollback the one before', async () => {
    const studio = new FakeStudio();
    studio.images.JupyterLab = [OURS, OTHER];
    const newer = properties({ ImageVersionNumber: '2' });
    await studio.event(ATTACHMENT, newer, 'Update', { OldResourceProperties: properties() });
    expect(studio.images.JupyterLab).toEqual([{ ...OURS, ImageVersionNumber: 2 }, OTHER]);
    await studio.event(ATTACHMENT, properties(), 'Update', { OldResourceProperties: newer });
    expect(studio.images.JupyterLab).toEqual([OURS, OTHER]);
  });

  test('of Code Editor leaves JupyterLab alone', async () => {
    const studio = new FakeStudio();
    studio.images.JupyterLab = [OTHER];
    await studio.event(ATTACHMENT, properties({ AppType: 'CodeEditor' }));
    expect(studio.images).toEqual({ JupyterLab: [OTHER], CodeEditor: [OURS] });
  });

  test('does not lose what another stack attaches at the same moment', async () => {
    const studio = new FakeStudio();
    studio.meanwhile = () => {
      studio.images.JupyterLab = [OTHER];
      studio.status = 'Updating';
    };
    await studio.event(ATTACHMENT, properties());
    expect(studio.images.JupyterLab).toEqual([OTHER, OURS]);
  });

  test('waits for a change of others that is at work', async () => {
    const studio = new FakeStudio();
    studio.status = 'Updating';
    const { waits } = await studio.event(ATTACHMENT, properties());
    expect(waits).toEqual([`the domain ${DOMAIN}, which is Updating`, `the update of the domain ${DOMAIN}`]);
  });

  test('is tried again where the service is throttled', async () => {
    const studio = new FakeStudio();
    studio.faults.set('updateDomain', serviceError('ThrottlingException'));
    await studio.event(ATTACHMENT, properties());
    expect(studio.images.JupyterLab).toEqual([OURS]);
  });

  test('fails when the domain is not there', async () => {
    const studio = new FakeStudio();
    studio.status = undefined;
    await expect(studio.event(ATTACHMENT, properties())).rejects.toThrow(`the Studio domain ${DOMAIN} does not exist in this account and region`);
  });

  test('fails when the domain cannot be changed, with SageMaker\'s reason', async () => {
    const studio = new FakeStudio();
    studio.status = 'Failed';
    studio.failureReason = 'no subnet';
    await expect(studio.event(ATTACHMENT, properties())).rejects.toThrow(`the Studio domain ${DOMAIN} must be InService to change its images, got Failed: no subnet`);
  });

  test('fails when the service refuses the image', async () => {
    const studio = new FakeStudio();
    studio.faults.set('updateDomain', serviceError('ValidationException', 'the image version is CREATE_FAILED'));
    await expect(studio.event(ATTACHMENT, properties())).rejects.toThrow('the image version is CREATE_FAILED');
  });

  test('fails when its application is none of the new Studio', async () => {
    await expect(new FakeStudio().event(ATTACHMENT, properties({ AppType: 'KernelGateway' }))).rejects.toThrow('property AppType must be one of JupyterLab, CodeEditor');
  });
});

describe('the delete of an attachment', () => {
  test('takes away its own entry, and nothing that others attached', async () => {
    const studio = new FakeStudio();
    studio.images.JupyterLab = [OTHER, OURS, { ...OURS, AppImageConfigName: 'of-another-stack' }];
    await studio.event(ATTACHMENT, properties(), 'Delete');
    expect(studio.images.JupyterLab).toEqual([OTHER, { ...OURS, AppImageConfigName: 'of-another-stack' }]);
  });

  test('takes it away in whatever version it is', async () => {
    const studio = new FakeStudio();
    studio.images.JupyterLab = [{ ...OURS, ImageVersionNumber: 5 }];
    await studio.event(ATTACHMENT, properties(), 'Delete');
    expect(studio.images.JupyterLab).toEqual([]);
  });

  test('does nothing where somebody has taken it away', async () => {
    const studio = new FakeStudio();
    studio.images.JupyterLab = [OTHER];
    await studio.event(ATTACHMENT, properties(), 'Delete');
    expect(studio.calls).not.toContainEqual(expect.stringContaining('updateDomain'));
  });

  test.each([undefined, 'Deleting'])('does nothing where the domain is %p', async (status) => {
    const studio = new FakeStudio();
    studio.images.JupyterLab = [OURS];
    studio.status = status;
    await expect(studio.event(ATTACHMENT, properties(), 'Delete')).resolves.toMatchObject({ waits: [] });
  });

  test('after a create that failed finds its own entry by the properties', async () => {
    const studio = new FakeStudio();
    studio.images.JupyterLab = [OTHER, OURS];
    await studio.event(ATTACHMENT, properties(), 'Delete', { PhysicalResourceId: 'invented-by-cloudformation' });
    expect(studio.images.JupyterLab).toEqual([OTHER]);
  });
});
