import { App, aws_s3 as s3, RemovalPolicy, Duration, Stack } from 'aws-cdk-lib';
import { Template as Synthesized } from 'aws-cdk-lib/assertions';
import { ArtifactAccess, ComponentArtifact } from '../../../../lib/greengrass/component-artifact';
import { FleetDeployment } from '../../../../lib/greengrass/fleet-deployment';
import { GreengrassComponent } from '../../../../lib/greengrass/greengrass-component';
import { GreengrassFleet } from '../../../../lib/greengrass/greengrass-fleet';
import { EdgeDevice } from '../../../../lib/identity/edge-device';
import { makeKeyAndRequest } from '../../../../lambda/identity/csr';
import { resourcesOf, synthesizedOnce, type Template } from '../../cloudformation/template';
import { SHARED_BUCKET, TEMPORARY, VISITOR } from './greengrass-cloud';

/** What a user's app says at one time. */
export interface Wish {
  /** Names of the two fleets. */
  readonly first?: 'north' | 'renamed' | undefined;
  readonly second?: boolean;
  /** A device of the first fleet. */
  readonly camera?: boolean;
  /** A device made otherwise, and whose member it is. */
  readonly visitor?: 'none' | 'first' | 'second' | undefined;
  /** A component whose versions stay, with a bucket of its own, in one content or the other. */
  readonly app?: 'a' | 'b' | 'c' | undefined;
  /** One whose versions go, in a bucket of its own, or one that is shared. */
  readonly own?: 'a' | 'b' | undefined;
  readonly shared?: 'a' | 'b' | undefined;
  /** What the first fleet's deployment does. */
  readonly deploys?: 'plainly' | 'and waits' | 'and uninstalls' | undefined;
}

const REQUESTS = {
  camera: makeKeyAndRequest('camera').certificateSigningRequest,
  visitor: makeKeyAndRequest('visitor').certificateSigningRequest,
};

/** The template that the library makes of it. */
export const templateOf = synthesizedOnce(synthesize);

function synthesize(wish: Wish): Template {
  const stack = new Stack(new App(), 'Demo', { env: { region: 'eu-west-1', account: '111122223333' } });
  const first = wish.first && new GreengrassFleet(stack, 'First', { fleetName: wish.first });
  const second = wish.second === true ? new GreengrassFleet(stack, 'Second', { fleetName: 'second' }) : undefined;
  if (wish.camera) {
    first?.addDevice('Camera', { certificateSigningRequest: REQUESTS.camera });
  }
  const roleAlias = (first ?? second)?.roleAlias;
  if (roleAlias && wish.visitor) {
    const visitor = new EdgeDevice(stack, 'Visitor', { fleetName: 'visitors', deviceName: VISITOR, roleAlias });
    visitor.addCertificate({ certificateSigningRequest: REQUESTS.visitor });
    const fleets = { first, second, none: undefined };
    fleets[wish.visitor]?.addMember(visitor);
  }
  const shared = s3.Bucket.fromBucketName(stack, 'Shared', SHARED_BUCKET);
  const components = [
    ...wish.app ? [component(stack, 'App', wish.app, {})] : [],
    ...wish.own ? [component(stack, `${TEMPORARY}Own`, wish.own, { removalPolicy: RemovalPolicy.DESTROY })] : [],
    ...wish.shared ? [
      component(stack, `${TEMPORARY}Shared`, wish.shared, { removalPolicy: RemovalPolicy.DESTROY, artifactBucket: shared }),
    ] : [],
  ];
  if (first && wish.deploys) {
    new FleetDeployment(stack, 'Deployment', {
      fleet: first,
      components,
      ...wish.deploys === 'and waits' ? { waitForDevices: Duration.minutes(5) } : {},
      ...wish.deploys === 'and uninstalls' ? { uninstallOnDestroy: true, uninstallTimeout: Duration.minutes(2) } : {},
    });
  }
  return resourcesOf(Synthesized.fromStack(stack).toJSON());
}

interface ComponentOptions {
  readonly removalPolicy?: RemovalPolicy;
  readonly artifactBucket?: s3.IBucket;
}

function component(stack: Stack, id: string, content: string, options: ComponentOptions): GreengrassComponent {
  const source = s3.Bucket.fromBucketName(stack, `${id}Source`, 'sources');
  const artifact = ComponentArtifact.fromBucket(source, `${content}.zip`, { name: 'content', readableBy: ArtifactAccess.ALL });
  return new GreengrassComponent(stack, id, { ...options, manifests: [{ artifacts: [artifact] }] });
}
