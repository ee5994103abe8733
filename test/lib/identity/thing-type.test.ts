import { App, CfnOutput, CfnParameter, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ThingType } from '../../../lib/identity/thing-type';

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo');
});

test('CloudFormation names a thing type that has no name', () => {
  new ThingType(stack, 'Type');
  Template.fromStack(stack).hasResource('AWS::IoT::ThingType', { Properties: Match.absent() });
});

test('name, description and searchable attributes are used', () => {
  new ThingType(stack, 'Type', { thingTypeName: 'cameras', description: 'Cameras at the door', searchableAttributes: ['site'] });
  Template.fromStack(stack).hasResourceProperties('AWS::IoT::ThingType', {
    ThingTypeName: 'cameras', ThingTypeProperties: { ThingTypeDescription: 'Cameras at the door', SearchableAttributes: ['site'] },
  });
});

test('the removal policy is used', () => {
  new ThingType(stack, 'Type', { removalPolicy: RemovalPolicy.RETAIN });
  Template.fromStack(stack).hasResource('AWS::IoT::ThingType', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
});

test('name and ARN are attributes of the resource', () => {
  const type = new ThingType(stack, 'Type');
  new CfnOutput(stack, 'Name', { value: type.thingTypeRef.thingTypeName });
  new CfnOutput(stack, 'Arn', { value: type.thingTypeRef.thingTypeArn });
  const template = Template.fromStack(stack);
  const [id = ''] = Object.keys(template.findResources('AWS::IoT::ThingType'));
  template.hasOutput('Name', { Value: { Ref: id } });
  template.hasOutput('Arn', { Value: { 'Fn::GetAtt': [id, 'Arn'] } });
});

test.each([
  [
    'thingTypeName',
    { thingTypeName: 'door cameras' },
    "thingTypeName must be letters, digits, colons, underscores and hyphens, got 'door cameras'",
  ],
  ['description', { description: 'Türkamera' }, "description must be printable ASCII, got 'Türkamera'"],
  ['searchableAttributes', { searchableAttributes: ['a', 'b', 'c', 'd'] }, 'searchableAttributes must be at most 3 names, got 4'],
])('fails when %s is out of bounds', (_, props, message) => {
  expect(() => new ThingType(stack, 'Type', props)).toThrow(message);
});

test('a token is not checked', () => {
  const name = new CfnParameter(stack, 'Name').valueAsString;
  new ThingType(stack, 'Type', { thingTypeName: name, description: name });
  Template.fromStack(stack).hasResourceProperties('AWS::IoT::ThingType', { ThingTypeName: { Ref: 'Name' } });
});

test('an import by name is in the stack\'s account and region', () => {
  const type = ThingType.fromThingTypeName(stack, 'Type', 'cameras');
  expect(type.thingTypeName).toBe('cameras');
  expect(stack.resolve(type.thingTypeArn)).toEqual({ 'Fn::Join': ['', [
    'arn:', { Ref: 'AWS::Partition' }, ':iot:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':thingtype/cameras',
  ]] });
});

test('an import by ARN knows its name, account and region', () => {
  const type = ThingType.fromThingTypeArn(stack, 'Type', 'arn:aws-cn:iot:cn-north-1:111122223333:thingtype/cameras');
  expect(type.thingTypeRef).toEqual({ thingTypeName: 'cameras', thingTypeArn: 'arn:aws-cn:iot:cn-north-1:111122223333:thingtype/cameras' });
  expect(type.env).toEqual({ account: '111122223333', region: 'cn-north-1' });
});

test('an import fails when the name cannot be one', () => {
  expect(() => ThingType.fromThingTypeName(stack, 'Type', '')).toThrow('thingTypeName must have 1 to 128 characters, got 0');
});
