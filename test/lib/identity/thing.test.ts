import { App, aws_iot as iot, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Thing } from '../../../lib/identity/thing';
import { ThingType } from '../../../lib/identity/thing-type';

const MEMBERSHIP = 'Custom::SageMakerEdge-ThingTypeMembership';
const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`a${index}`, 'x']));

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo');
});

function logicalIds(type: string): string[] {
  return Object.keys(Template.fromStack(stack).findResources(type));
}

test('CloudFormation names a thing that has no name', () => {
  new Thing(stack, 'Thing');
  Template.fromStack(stack).hasResource('AWS::IoT::Thing', { Properties: Match.absent() });
});

test('a thing without a type needs no custom resource', () => {
  new Thing(stack, 'Thing', { thingName: 'camera', attributes: { site: 'north' } });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IoT::Thing', { ThingName: 'camera', AttributePayload: { Attributes: { site: 'north' } } });
  template.resourceCountIs('AWS::Lambda::Function', 0);
});

test('a thing is put into its type, with all its attributes at once', () => {
  new Thing(stack, 'Thing', { thingName: 'camera', thingType: new ThingType(stack, 'Type'), attributes: fifty });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IoT::Thing', { ThingName: 'camera', AttributePayload: Match.absent() });
  template.hasResourceProperties(MEMBERSHIP, {
    ThingName: { Ref: logicalIds('AWS::IoT::Thing')[0] }, ThingTypeName: { Ref: logicalIds('AWS::IoT::ThingType')[0] }, Attributes: fifty,
  });
});

test('a thing is deleted before its type', () => {
  new Thing(stack, 'Thing', { thingType: new ThingType(stack, 'Type') });
  Template.fromStack(stack).hasResource('AWS::IoT::Thing', { DependsOn: logicalIds('AWS::IoT::ThingType') });
});

test('the type may be an L1 or an import', () => {
  new Thing(stack, 'One', { thingType: new iot.CfnThingType(stack, 'Type') });
  new Thing(stack, 'Two', { thingType: ThingType.fromThingTypeName(stack, 'Imported', 'cameras') });
  Template.fromStack(stack).hasResourceProperties(MEMBERSHIP, { ThingTypeName: 'cameras' });
  Template.fromStack(stack).hasResourceProperties(MEMBERSHIP, { ThingTypeName: { Ref: 'Type' } });
});

test('the handler may change this thing alone, until the membership is deleted', () => {
  new Thing(stack, 'Thing', { thingName: 'camera', thingType: new ThingType(stack, 'Type') });
  const template = Template.fromStack(stack);
  const [policy = ''] = Object.keys(template.findResources('AWS::IAM::Policy', { Properties: { PolicyDocument: { Statement: [{
    Action: ['iot:DescribeThing', 'iot:UpdateThing'], Resource: { 'Fn::GetAtt': [logicalIds('AWS::IoT::Thing')[0], 'Arn'] },
  }] } } }));
  template.hasResource(MEMBERSHIP, { DependsOn: Match.arrayWith([policy]) });
});

test('another name is another thing, membership and policy, so that the old thing is deleted after what hangs on it', () => {
  const ids = ['one', 'two'].map((thingName) => {
    const other = new Stack(new App(), 'Demo');
    new Thing(other, 'Thing', { thingName, thingType: new ThingType(other, 'Type') });
    const template = Template.fromStack(other);
    return [
      ...Object.keys(template.findResources(MEMBERSHIP)),
      ...Object.keys(template.findResources('AWS::IoT::Thing')),
      ...Object.keys(template.findResources('AWS::IAM::Policy')).filter((id) => id.startsWith('ThingTypeRights')),
    ];
  });
  expect(ids[0]).toHaveLength(3);
  expect(ids[1]?.filter((id) => ids[0]?.includes(id))).toEqual([]);
});

test('one provider serves all things of a stack', () => {
  for (const id of ['One', 'Two', 'Three']) {
    new Thing(stack, id, { thingType: ThingType.fromThingTypeName(stack, `${id}Type`, 'cameras') });
  }
  Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 1);
});

test.each([
  [
    'the name has a blank',
    { thingName: 'my camera' },
    "thingName must be letters, digits, colons, underscores and hyphens, got 'my camera'",
  ],
  [
    'there are four attributes and no type',
    { attributes: { a: '', b: '', c: '', d: '' } },
    'attributes must be at most 3 without a thing type, got 4',
  ],
  [
    'an attribute name has a blank',
    { attributes: { 'my site': 'north' } },
    "attribute name must be letters, digits and _ . , @ / : # -, got 'my site'",
  ],
  [
    'an attribute value has a blank',
    { attributes: { site: 'far north' } },
    "attribute 'site' must be letters, digits and _ . , @ / : # = [ ] -, got 'far north'",
  ],
])('fails when %s', (_, props, message) => {
  expect(() => new Thing(stack, 'Thing', props)).toThrow(message);
});

test('fails when there are more than fifty attributes with a type', () => {
  expect(() => new Thing(stack, 'Thing', { thingType: new ThingType(stack, 'Type'), attributes: { ...fifty, more: 'x' } }))
    .toThrow('Demo/Thing: attributes must be at most 50 with a thing type, got 51');
});

test('an import by name is in the stack\'s account and region', () => {
  const thing = Thing.fromThingName(stack, 'Thing', 'camera');
  expect(thing.thingRef.thingName).toBe('camera');
  expect(stack.resolve(thing.thingArn)).toEqual({ 'Fn::Join': ['', [
    'arn:', { Ref: 'AWS::Partition' }, ':iot:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':thing/camera',
  ]] });
});

test('an import by ARN knows its name, account and region', () => {
  const thing = Thing.fromThingArn(stack, 'Thing', 'arn:aws:iot:eu-west-1:111122223333:thing/camera');
  expect(thing.thingName).toBe('camera');
  expect(thing.env).toEqual({ account: '111122223333', region: 'eu-west-1' });
});
