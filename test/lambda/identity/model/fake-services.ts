import type { SecretsApi } from '../../../../lambda/identity/dependencies';
import type { SimulatedTime } from '../../cloudformation/time';
import { fail, type Line } from './fault';
import type { FakeIot } from './fake-iot';

interface Secret {
  readonly arn: string;
  /** Content by token. */
  readonly versions: Map<string, string>;
  current?: string;
  deletedAt?: number;
}

const SECRETS = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
const NAME_IN_USE = 5_000;

/** Secrets Manager: versions by token, and a name that stays taken for a moment after its secret is gone. */
export class FakeSecrets {
  public readonly secrets = new Map<string, Secret>();
  private made = 0;

  public constructor(private readonly time: SimulatedTime) {}

  public create(name: string): string {
    if ([...this.secrets.keys()].some((arn) => arn.startsWith(`${SECRETS}${name}-`) && !this.isFree(arn))) {
      const reason = 'a secret with this name is already scheduled for deletion, or exists';
      throw fail('InvalidRequestException', `You can't create this secret because ${reason}`);
    }
    const arn = `${SECRETS}${name}-${String(++this.made).padStart(6, '0')}`;
    this.secrets.set(arn, { arn, versions: new Map() });
    return arn;
  }

  /** As CloudFormation does it: at once, without a recovery window. */
  public remove(arn: string): void {
    this.secret(arn).deletedAt = this.time.now;
  }

  /** ARN and content of what is there. */
  public contents(): Map<string, string | undefined> {
    return new Map([...this.secrets].filter(([, { deletedAt }]) => deletedAt === undefined).map(([arn, { current }]) => [arn, current]));
  }

  /** What the handlers see of it. */
  public api(line: Line): SecretsApi {
    return {
      getSecretValue: ({ SecretId = '' }) => line.call('getSecretValue', () => {
        const { current } = this.secret(SecretId);
        if (current === undefined) {
          throw fail('ResourceNotFoundException', "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT");
        }
        return { SecretString: current };
      }),
      putSecretValue: ({ SecretId = '', SecretString = '', ClientRequestToken = '' }) => line.call('putSecretValue', () => {
        const secret = this.secret(SecretId);
        const known = secret.versions.get(ClientRequestToken);
        if (known === SecretString) {
          return {};
        }
        if (known !== undefined) {
          throw fail('ResourceExistsException', 'a version with this token exists already');
        }
        secret.versions.set(ClientRequestToken, SecretString);
        secret.current = SecretString;
        return {};
      }),
    };
  }

  private isFree(arn: string): boolean {
    const { deletedAt } = this.secrets.get(arn) ?? {};
    return deletedAt !== undefined && this.time.now >= deletedAt + NAME_IN_USE;
  }

  private secret(arn: string): Secret {
    const secret = this.secrets.get(arn);
    if (secret === undefined || secret.deletedAt !== undefined) {
      throw fail('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    return secret;
  }
}

/** Edge Manager's fleets and devices. */
export class FakeEdgeManager {
  /** Fleet, and things by device. */
  public readonly fleets = new Map<string, Map<string, string>>();

  public constructor(private readonly iot: FakeIot) {
    // Stricter than AWS's words, so that the order of edge-manager.md 1.20 shows: devices before things, and the fleet before its alias.
    iot.isInUse = ({ roleAlias, thing }) => [...this.fleets].some(
      ([name, devices]) => roleAlias === `SageMakerEdge-${name}` || (thing !== undefined && [...devices.values()].includes(thing)),
    );
  }

  /** The service sees to a role alias, and never takes it back. */
  public createFleet(name: string, roleArn: string): void {
    if (this.fleets.has(name)) {
      throw fail('ResourceInUse', `DeviceFleet ${name} already exists`);
    }
    this.fleets.set(name, new Map());
    this.updateFleet(name, roleArn);
  }

  public updateFleet(name: string, roleArn: string): void {
    this.devices(name);
    if (!this.iot.roleAliases.has(`SageMakerEdge-${name}`)) {
      this.iot.roleAliases.set(`SageMakerEdge-${name}`, roleArn);
    }
  }

  public deleteFleet(name: string): void {
    if (this.devices(name).size > 0) {
      throw fail('ResourceInUse', `DeviceFleet ${name} has devices`);
    }
    this.fleets.delete(name);
  }

  public register(fleet: string, device: string, thing: string): void {
    if (this.devices(fleet).has(device)) {
      throw fail('ValidationException', `Device ${device} exists already`);
    }
    if (!this.iot.things.has(thing)) {
      throw fail('ValidationException', `No thing with name ${thing}`);
    }
    this.devices(fleet).set(device, thing);
  }

  public deregister(fleet: string, device: string): void {
    if (!this.devices(fleet).delete(device)) {
      throw fail('ValidationException', `No device with name ${device}`);
    }
  }

  public devices(fleet: string): Map<string, string> {
    const devices = this.fleets.get(fleet);
    if (devices === undefined) {
      throw fail('ValidationException', `No devicefleet with name ${fleet}`);
    }
    return devices;
  }
}
