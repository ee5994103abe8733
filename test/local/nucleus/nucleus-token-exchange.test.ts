import { TOKEN_EXCHANGE, tokenExchangeRecipe } from '../../../local/nucleus/token-exchange';
import { NucleusFixture } from './nucleus-fixture';

/** What nucleus classic 2.18.2 did with a component that depends on the token exchange service. */
describe('the token exchange service of the local nucleus', () => {
  let fixture: NucleusFixture;
  afterEach(async () => {
    await fixture.close();
  });

  const start = (roleAlias: string): void => {
    fixture = new NucleusFixture({ roleAlias });
    fixture.add('app', '1.0.0', {
      dependencies: { [TOKEN_EXCHANGE]: { VersionRequirement: '=2.0.3', DependencyType: 'HARD' } },
      lifecycle: { startup: 'echo "$AWS_CONTAINER_CREDENTIALS_FULL_URI" > "$OUT/uri"' },
    });
    fixture.add('other', '1.0.0', { lifecycle: { startup: 'echo "$AWS_CONTAINER_CREDENTIALS_FULL_URI" > "$OUT/other"' } });
  };
  const addRecipe = (): void => {
    fixture.addRecipe(JSON.parse(tokenExchangeRecipe('2.0.3')) as Record<string, unknown>);
  };

  test('without a recipe of it, from the cloud or a folder, nothing is changed', async () => {
    start('alias');
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({
      status: 'FAILED_NO_STATE_CHANGE',
      reason: `No local or cloud component version satisfies the requirements ${TOKEN_EXCHANGE} =2.0.3`,
    });
  });

  test('with its recipe and a role alias it runs, and is listed', async () => {
    start('alias');
    addRecipe();
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    expect(fixture.nucleus.states()[TOKEN_EXCHANGE]).toEqual({ version: '2.0.3', state: 'RUNNING' });
  });

  test('without a role alias it breaks, and what needs it does not start', async () => {
    start('');
    addRecipe();
    expect(await fixture.deploy({ app: '1.0.0' })).toMatchObject({
      status: 'FAILED_ROLLBACK_COMPLETE',
      reason: `Service ${TOKEN_EXCHANGE} in broken state after deployment`,
    });
    expect(fixture.exists('uri')).toBe(false);
  });

  test('a component that depends on it is told where it is, another one is not', async () => {
    start('alias');
    addRecipe();
    await fixture.deploy({ app: '1.0.0', other: '1.0.0' });
    expect([fixture.read('uri').trim(), fixture.read('other').trim()]).toEqual(['http://localhost:1/', '']);
  });
});
