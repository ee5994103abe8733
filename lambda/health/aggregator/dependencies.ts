import type { PutMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import type {
  PutItemCommandInput, QueryCommandInput, QueryCommandOutput, UpdateItemCommandInput, UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { PutRecordBatchCommandInput, PutRecordBatchCommandOutput } from '@aws-sdk/client-firehose';

/** The calls that the function makes. */
export interface Dependencies {
  readonly putMetricData: (input: PutMetricDataCommandInput) => Promise<unknown>;
  readonly putRecordBatch: (input: PutRecordBatchCommandInput) => Promise<Pick<PutRecordBatchCommandOutput, 'FailedPutCount'>>;
  readonly query: (input: QueryCommandInput) => Promise<Pick<QueryCommandOutput, 'Items' | 'LastEvaluatedKey'>>;
  readonly putItem: (input: PutItemCommandInput) => Promise<unknown>;
  readonly updateItem: (input: UpdateItemCommandInput) => Promise<Pick<UpdateItemCommandOutput, 'Attributes'>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
}
