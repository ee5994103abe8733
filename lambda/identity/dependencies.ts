import type {
  DescribeCertificateCommandInput, DescribeCertificateCommandOutput, DescribeEndpointCommandInput, DescribeEndpointCommandOutput,
  DescribeThingCommandInput, DescribeThingCommandOutput, ListThingPrincipalsCommandInput, ListThingPrincipalsCommandOutput,
  UpdateThingCommandInput,
} from '@aws-sdk/client-iot';
import type { GetSecretValueCommandInput, GetSecretValueCommandOutput, PutSecretValueCommandInput } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../shared/resource-handler';

/** The calls to IoT that the handlers make, and what they read of the answers. */
export interface IotApi {
  describeThing(input: DescribeThingCommandInput): Promise<Pick<DescribeThingCommandOutput, 'thingTypeName' | 'attributes'>>;
  updateThing(input: UpdateThingCommandInput): Promise<unknown>;
  describeCertificate(input: DescribeCertificateCommandInput): Promise<Pick<DescribeCertificateCommandOutput, 'certificateDescription'>>;
  listThingPrincipals(input: ListThingPrincipalsCommandInput): Promise<Pick<ListThingPrincipalsCommandOutput, 'principals' | 'nextToken'>>;
  describeEndpoint(input: DescribeEndpointCommandInput): Promise<Pick<DescribeEndpointCommandOutput, 'endpointAddress'>>;
}

/** The calls to Secrets Manager. */
export interface SecretsApi {
  getSecretValue(input: GetSecretValueCommandInput): Promise<Pick<GetSecretValueCommandOutput, 'SecretString'>>;
  putSecretValue(input: PutSecretValueCommandInput): Promise<unknown>;
}

/** What the handlers depend on. */
export interface Dependencies extends Clock {
  readonly iot: IotApi;
  readonly secrets: SecretsApi;
}
