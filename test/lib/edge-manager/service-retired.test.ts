import { App, Annotations as CdkAnnotations, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { validateEdgeRegion, warnServiceRetired } from '../../../lib/edge-manager/service-retired';

test('the warning says when, and what to use instead', () => {
  const stack = new Stack(new App(), 'Demo');
  warnServiceRetired(stack, 'PackagingJob');
  Annotations.fromStack(stack).hasWarning(
    '/Demo',
    Match.stringLikeRegexp('2024-04-26.*OnnxModel.*cdk-sagemaker-edge:PackagingJob.serviceRetired'),
  );
});

test('the warning can be acknowledged by its id', () => {
  const stack = new Stack(new App(), 'Demo');
  warnServiceRetired(stack, 'PackagingJob');
  CdkAnnotations.of(stack).acknowledgeWarning('cdk-sagemaker-edge:PackagingJob.serviceRetired');
  Annotations.fromStack(stack).hasNoWarning('/Demo', Match.anyValue());
});

test('a region that is not known is not checked', () => {
  expect(() => {
    validateEdgeRegion(new Stack(new App(), 'Demo'));
  }).not.toThrow();
});
