import { CfnResource, type App, type IAspect, Aspects, AspectPriority } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ACCOUNT, PARTITION, REGION } from '../service/account';
import { showReferences } from './references';
import { BRIDGE_MINUTES, BRIDGED_TYPES, bridgedTypeName } from './types';

export const BRIDGE_FUNCTION_NAME = 'LocalBridge';

/** The bridge's ARN, known beforehand: its stack is deployed once, before any other. */
export const BRIDGE_FUNCTION_ARN = `arn:${PARTITION}:lambda:${REGION}:${ACCOUNT}:function:${BRIDGE_FUNCTION_NAME}`;

/**
 * Turns resources whose type the emulator lacks into custom resources of the bridge. Changes Type, ServiceToken,
 * ServiceTimeout and the metadata of references alone.
 */
export class BridgeAspect implements IAspect {
  private readonly types = new Map(BRIDGED_TYPES.map((bridged) => [bridged.type, bridged]));

  public visit(node: IConstruct): void {
    if (!CfnResource.isCfnResource(node)) {
      return;
    }
    showReferences(node);
    const bridged = this.types.get(node.cfnResourceType);
    if (!bridged) {
      return;
    }
    if (bridged.keepsType !== true) {
      node.addOverride('Type', bridgedTypeName(bridged));
    }
    node.addPropertyOverride('ServiceToken', BRIDGE_FUNCTION_ARN);
    node.addPropertyOverride('ServiceTimeout', (BRIDGE_MINUTES + 1) * 60);
  }
}

/** Makes an app deployable into the local cloud, without a change to its code. Call it last. */
export function addLocalCloud(app: App): void {
  Aspects.of(app).add(new BridgeAspect(), { priority: AspectPriority.READONLY }); // last, so that no other aspect sees what it does
}
