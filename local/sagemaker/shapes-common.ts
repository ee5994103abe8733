import type { StringShape } from './shape';
import { NOTHING, STRING, TIMESTAMP, integer, list, oneOf, structure, text } from './shape';

/** Shapes that more than one part of the API shares. Values: SageMaker's published service model, 2017-07-24. */

export const ENTITY_NAME = text(1, 63, /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
export const EDGE_VERSION = text(1, 30, /^[a-zA-Z0-9 _.]+$/);
export const ROLE_ARN = text(20, 2048, /^arn:aws[a-z-]*:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/);
export const S3_URI = text(0, 1024, /^(https|s3):\/\/([^/]+)\/?(.*)$/);
export const KMS_KEY_ID = text(0, 2048, /^[a-zA-Z0-9:/_-]*$/);

const TAG_TEXT = /^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u;
const TAG_KEY = text(1, 128, TAG_TEXT);
const TAG = structure({ Key: TAG_KEY, Value: text(0, 256, TAG_TEXT) }, NOTHING);
export const TAG_LIST = list(TAG, 0, 50);

export const EDGE_OUTPUT_CONFIG = structure({ S3OutputLocation: S3_URI }, {
  KmsKeyId: KMS_KEY_ID, PresetDeploymentType: oneOf('GreengrassV2Component'), PresetDeploymentConfig: STRING,
});

export const NEXT_TOKEN = text(0, 8192, /^.*$/);
export const SORT_ORDER = oneOf('Ascending', 'Descending');
export const NAME_CONTAINS = text(0, 63, /^[a-zA-Z0-9-]+$/);

/** What every list call of named, dated records takes. */
export const LIST_MEMBERS = {
  NextToken: NEXT_TOKEN, MaxResults: integer(1, 100), NameContains: NAME_CONTAINS, SortOrder: SORT_ORDER,
  CreationTimeAfter: TIMESTAMP, CreationTimeBefore: TIMESTAMP, LastModifiedTimeAfter: TIMESTAMP, LastModifiedTimeBefore: TIMESTAMP,
};

const RESOURCE_ARN: StringShape = text(0, 256, /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:.+$/);
export const ADD_TAGS = structure({ ResourceArn: RESOURCE_ARN, Tags: TAG_LIST }, NOTHING);
export const DELETE_TAGS = structure({ ResourceArn: RESOURCE_ARN, TagKeys: list(TAG_KEY, 1, 50) }, NOTHING);
export const LIST_TAGS = structure({ ResourceArn: RESOURCE_ARN }, { NextToken: NEXT_TOKEN, MaxResults: integer(50) });
