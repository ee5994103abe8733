import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EndpointInstanceType, EndpointModel, ModelSource, RealTimeEndpoint, type EndpointVariantProps, type RealTimeEndpointProps } from '../../../lib';
import { onnxBytes } from '../onnx-bytes';
import { modelFile } from '../temp-models';

export const EU = { env: { account: '111122223333', region: 'eu-west-1' } };

export function stackIn(props: StackProps = EU): Stack {
  return new Stack(new App(), 'Demo', props);
}

/** A model that Triton serves. */
export function tritonModel(): EndpointModel {
  return EndpointModel.triton(ModelSource.fromAsset(modelFile('model.onnx', onnxBytes())));
}

export function variant(props: Partial<EndpointVariantProps> = {}): EndpointVariantProps {
  return { model: tritonModel(), instanceType: EndpointInstanceType.M5_XLARGE, ...props };
}

export function endpointIn(stack: Stack, props: Partial<RealTimeEndpointProps> = {}): RealTimeEndpoint {
  return new RealTimeEndpoint(stack, 'Endpoint', { variants: [variant()], ...props });
}

/** The statements of all policies whose actions include this one. */
export function statementsWith(stack: Stack, action: string): unknown[] {
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')) as {
    Properties: { PolicyDocument: { Statement: { Action: string | string[] }[] } };
  }[];
  return policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement).filter(({ Action }) => [Action].flat().includes(action));
}

/** Has one resource of this type, with these properties. */
export function has(stack: Stack, type: string, properties: Record<string, unknown>): void {
  Template.fromStack(stack).hasResourceProperties(type, Match.objectLike(properties));
}
