import { Annotations, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { EDGE_VERSION, ENTITY_NAME, validateText } from '../../private/validation';

/** Throws unless the name and the version are such as a device and SageMaker take. */
export function validateIdentity(scope: Construct, modelName: string, modelVersion: string): void {
  validateText(scope, 'modelName', modelName, ENTITY_NAME);
  validateText(scope, 'modelVersion', modelVersion, EDGE_VERSION);
  if (!Token.isUnresolved(modelName) && modelName.length < 4) {
    Annotations.of(scope).addWarningV2(
      'cdk-sagemaker-edge:OnnxModel.shortModelName',
      `model name '${modelName}' has ${modelName.length} characters: heartbeats of SageMaker Edge Manager take names of 4 to 255 alone`,
    );
  }
}
