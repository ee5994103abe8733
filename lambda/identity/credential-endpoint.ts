import type { CredentialEndpointData } from '../../lib/identity/private/contract';
import type { IotApi } from './clients';
import type { Properties, ResourceHandler } from './events';
import { text } from './events';

/** Looks up a host; IoT makes it with the first question and never takes it back. */
export class CredentialEndpoint implements ResourceHandler {
  public constructor(private readonly iot: IotApi) {}

  public id(properties: Properties): string {
    return `CredentialEndpoint ${text(properties, 'EndpointType')}`;
  }

  public async apply(properties: Properties): Promise<Record<keyof CredentialEndpointData, string>> {
    const endpointType = text(properties, 'EndpointType');
    const { endpointAddress } = await this.iot.describeEndpoint({ endpointType });
    if (!endpointAddress) { throw new Error(`IoT gives no address for endpoint type ${endpointType}`); }
    return { EndpointAddress: endpointAddress };
  }

  public remove(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
