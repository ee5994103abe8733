import { aws_iot as iot, Token } from 'aws-cdk-lib';

/** The name that a thing has in the template, where it is known at synth. */
export function literalThingName(thing: iot.IThingRef): string | undefined {
  const resource = iot.CfnThing.isCfnThing(thing) ? thing : thing.node.defaultChild;
  const name = iot.CfnThing.isCfnThing(resource) ? resource.thingName : thing.thingRef.thingName;
  return Token.isUnresolved(name) ? undefined : name;
}
