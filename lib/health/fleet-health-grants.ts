import { aws_iam as iam, Stack } from 'aws-cdk-lib';
import { HEALTH_TOPIC } from '../agent/private/health-report';
import type { FleetHealth } from './fleet-health';

/** What the credential provider fills in with the name of the thing that asks. */
const THING_NAME_VARIABLE = '${credentials-iot:ThingName}';

/** Collection of grant methods for a `FleetHealth`. */
export class FleetHealthGrants {
  /** Creates the grants of the health of a fleet. */
  public static fromFleetHealth(health: FleetHealth): FleetHealthGrants {
    return new FleetHealthGrants(health);
  }

  private constructor(private readonly health: FleetHealth) {}

  /**
   * Grant the right to report to a role that devices assume through a role alias. Each device may report for its own thing alone. A device
   * whose request for credentials lacks the thing's name may report nothing.
   */
  public deviceReport(grantee: iam.IGrantable): iam.Grant {
    return this.grantReport(grantee, THING_NAME_VARIABLE);
  }

  /** Grant the right to report for one device to a principal without a role alias, as in a test or a replay. */
  public report(grantee: iam.IGrantable, thingName: string): iam.Grant {
    return this.grantReport(grantee, thingName);
  }

  /** Grant list and read access to the history. */
  public readHistory(grantee: iam.IGrantable): iam.Grant {
    return this.health.historyBucket.grantRead(grantee);
  }

  private grantReport(grantee: iam.IGrantable, thingName: string): iam.Grant {
    const topic = Stack.of(this.health).formatArn({
      service: 'iot', resource: 'topic', resourceName: `$aws/rules/${this.health.ruleName}/${HEALTH_TOPIC}/${thingName}`,
    });
    return iam.Grant.addToPrincipal({ grantee, actions: ['iot:Publish'], resourceArns: [topic] });
  }
}
