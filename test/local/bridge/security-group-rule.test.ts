import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { SecurityGroupEgressHandler, SecurityGroupIngressHandler } from '../../../local/bridge/handler/security-group-rule';

const RULE = { GroupId: 'sg-master', IpProtocol: 'tcp', FromPort: '5557', ToPort: '5557', Description: 'workers' };
const INGRESS = { ...RULE, SourceSecurityGroupId: 'sg-workers' };

/** What EC2 was asked, and how it answers. */
const asked: Record<string, string>[] = [];
let failure: string | undefined;
const ec2 = http.createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  }).on('end', () => {
    const input = Object.fromEntries(new URLSearchParams(body));
    asked.push(input);
    response.statusCode = failure === undefined ? 200 : 400;
    response.end(failure === undefined
      ? `<R><return>true</return><securityGroupRuleSet><item><securityGroupRuleId>sgr-${asked.length}</securityGroupRuleId></item></securityGroupRuleSet></R>`
      : `<Response><Errors><Error><Code>${failure}</Code><Message>no</Message></Error></Errors></Response>`);
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    ec2.listen(0, '127.0.0.1', resolve);
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_EC2: `http://127.0.0.1:${(ec2.address() as AddressInfo).port}`, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
});
beforeEach(() => {
  asked.length = 0;
  failure = undefined;
});
afterAll(() => {
  ec2.closeAllConnections();
  ec2.close();
});

describe('a rule of its own', () => {
  test('lets the members of one group into another', async () => {
    await expect(new SecurityGroupIngressHandler().create(INGRESS)).resolves.toEqual({ physicalId: 'sgr-1', attributes: { Id: 'sgr-1' } });
    expect(asked).toEqual([expect.objectContaining({
      'Action': 'AuthorizeSecurityGroupIngress', 'GroupId': 'sg-master', 'IpPermissions.1.IpProtocol': 'tcp', 'IpPermissions.1.FromPort': '5557',
      'IpPermissions.1.ToPort': '5557', 'IpPermissions.1.Groups.1.GroupId': 'sg-workers', 'IpPermissions.1.Groups.1.Description': 'workers',
    })]);
  });

  test('lets the members of one group out to another', async () => {
    await new SecurityGroupEgressHandler().create({ ...RULE, GroupId: 'sg-workers', DestinationSecurityGroupId: 'sg-master' });
    expect(asked).toEqual([expect.objectContaining({
      'Action': 'AuthorizeSecurityGroupEgress', 'GroupId': 'sg-workers', 'IpPermissions.1.Groups.1.GroupId': 'sg-master',
    })]);
  });

  test.each([['CidrIp', '10.0.0.0/8', 'IpRanges'], ['CidrIpv6', '::/0', 'Ipv6Ranges'], ['SourcePrefixListId', 'pl-1', 'PrefixListIds']])(
    'takes %s', async (property, value, list) => {
      await new SecurityGroupIngressHandler().create({ GroupId: 'sg-master', IpProtocol: '-1', [property]: value });
      expect(Object.entries(asked[0] ?? {}).filter(([name]) => name.startsWith(`IpPermissions.1.${list}.1.`)).map(([, given]) => given)).toEqual([value]);
    },
  );

  test('keeps its ID where only its description changes', async () => {
    const handler = new SecurityGroupIngressHandler();
    await expect(handler.update('sgr-9', { ...INGRESS, Description: 'new' }, INGRESS)).resolves.toMatchObject({ physicalId: 'sgr-9' });
    expect(asked).toEqual([expect.objectContaining({ 'Action': 'UpdateSecurityGroupRuleDescriptionsIngress', 'SecurityGroupRuleDescription.1.Description': 'new' })]);
  });

  test.each([['FromPort', '1'], ['GroupId', 'sg-other']])('is replaced where %s changes', async (property, value) => {
    const handler = new SecurityGroupIngressHandler();
    await expect(handler.update('sgr-9', { ...INGRESS, [property]: value }, INGRESS)).resolves.toMatchObject({ physicalId: 'sgr-1' });
  });

  test('is taken out of its group', async () => {
    await new SecurityGroupEgressHandler().delete('sgr-9', { ...INGRESS, GroupId: 'sg-workers' });
    expect(asked).toEqual([expect.objectContaining({ 'Action': 'RevokeSecurityGroupEgress', 'GroupId': 'sg-workers', 'SecurityGroupRuleId.1': 'sgr-9' })]);
  });

  test.each(['InvalidGroup.NotFound', 'InvalidSecurityGroupRuleId.NotFound'])('is gone already where EC2 answers %s', async (code) => {
    failure = code;
    await expect(new SecurityGroupIngressHandler().delete('sgr-9', INGRESS)).resolves.toBeUndefined();
  });

  test('fails where EC2 refuses', async () => {
    failure = 'UnauthorizedOperation';
    await expect(new SecurityGroupIngressHandler().create(INGRESS)).rejects.toThrow('no');
    await expect(new SecurityGroupIngressHandler().delete('sgr-9', INGRESS)).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });
});
