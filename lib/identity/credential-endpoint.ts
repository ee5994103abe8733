import type { aws_iot as iot } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { CredentialEndpointData, CredentialEndpointProperties, CredentialEndpointType } from './private/contract';
import { IdentityProvider } from './private/provider';
import { inStack } from '../private/in-stack';

/**
 * The endpoints at which the devices of an account and region reach IoT. CloudFormation has no attribute for them, so a custom
 * resource looks them up, once in a stack.
 */
export class CredentialEndpoint extends Construct {
  /** Returns the endpoint of the stack that `scope` is in. */
  public static forStack(scope: Construct): CredentialEndpoint {
    return inStack(scope, 'cdk-sagemaker-edge.CredentialEndpoint', (stack, uid) => new CredentialEndpoint(stack, uid));
  }

  private readonly addresses = new Map<CredentialEndpointProperties['EndpointType'], string>();

  private constructor(scope: Construct, id: string) {
    super(scope, id);
  }

  /** The host name of the credential provider. */
  public get endpointAddress(): string {
    return this.lookUp('CredentialProvider', 'iot:CredentialProvider');
  }

  /** The host name for MQTT and for Greengrass, with a certificate of Amazon Trust Services. */
  public get dataEndpointAddress(): string {
    return this.lookUp('Data', 'iot:Data-ATS');
  }

  /**
   * Returns the URL at which a device obtains the credentials of a role alias. The device sends a GET request with its certificate and
   * the header `x-amzn-iot-thingname`.
   */
  public credentialsUrl(roleAlias: iot.IRoleAliasRef): string {
    return `https://${this.endpointAddress}/role-aliases/${roleAlias.roleAliasRef.roleAlias}/credentials`;
  }

  private lookUp(id: string, type: CredentialEndpointProperties['EndpointType']): string {
    const address = this.addresses.get(type) ?? this.makeLookUp(id, type);
    this.addresses.set(type, address);
    return address;
  }

  private makeLookUp(id: string, type: CredentialEndpointProperties['EndpointType']): string {
    const provider = IdentityProvider.getOrCreate(this);
    provider.grantLookUp();
    const resource = provider.customResource(this, id, {
      resourceType: 'Custom::SageMakerEdge-CredentialEndpoint' satisfies CredentialEndpointType,
      serviceTimeout: provider.serviceTimeout,
      properties: { EndpointType: type } satisfies CredentialEndpointProperties,
    });
    return resource.getAttString('EndpointAddress' satisfies keyof CredentialEndpointData);
  }
}
