import type { CredentialEndpointData } from '../../lib/identity/private/contract';
import { DeclarativeHandler } from '../shared/declarative-handler';
import type { PropertyReader } from '../shared/properties';
import { done, type Outcome } from '../shared/resource-handler';
import type { Dependencies } from './dependencies';

interface Properties {
  readonly endpointType: string;
}

/** Looks up a host. IoT makes it with the first question and never takes it back. */
export class CredentialEndpoint extends DeclarativeHandler<Properties> {
  public constructor(private readonly dependencies: Dependencies) {
    super(dependencies);
  }

  protected parse(properties: PropertyReader): Properties {
    return { endpointType: properties.text('EndpointType') };
  }

  protected id({ endpointType }: Properties): string {
    return `CredentialEndpoint ${endpointType}`;
  }

  protected async apply({ endpointType }: Properties): Promise<Outcome> {
    const { endpointAddress } = await this.dependencies.iot.describeEndpoint({ endpointType });
    if (!endpointAddress) {
      throw new Error(`IoT gives no address for endpoint type ${endpointType}`);
    }
    return done({ EndpointAddress: endpointAddress } satisfies Record<keyof CredentialEndpointData, string>);
  }

  protected remove(): Promise<Outcome> {
    return Promise.resolve(done());
  }
}
