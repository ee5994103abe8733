import { ACCOUNT, PARTITION, REGION } from '../service/account';
import { isRecord } from '../service/validator';
import { attributesIn, REFERENCES_KEY } from './references';
import { BRIDGE_MINUTES, BRIDGED_TYPES, bridgedTypeName } from './types';

export const BRIDGE_FUNCTION_NAME = 'LocalBridge';

/** The bridge's ARN, known beforehand: its stack is deployed once, before any other. */
export const BRIDGE_FUNCTION_ARN = `arn:${PARTITION}:lambda:${REGION}:${ACCOUNT}:function:${BRIDGE_FUNCTION_NAME}`;

type JsonObject = Readonly<Record<string, unknown>>;

const TYPES = new Map(BRIDGED_TYPES.map((bridged) => [bridged.type, bridged]));

/**
 * A template as the local cloud takes it: resources whose type the emulator lacks are custom resources of the bridge. Changes
 * Type, ServiceToken, ServiceTimeout and the metadata of references alone.
 */
export function bridgeTemplate(template: JsonObject): JsonObject {
  const resources = Object.entries(object(template.Resources)).map(
    ([id, resource]) => [id, isRecord(resource) ? bridgeResource(resource) : resource],
  );
  return { ...template, Resources: Object.fromEntries(resources) };
}

function bridgeResource(resource: JsonObject): JsonObject {
  const references = [...attributesIn(resource)];
  const shown = references.length === 0 ? resource : {
    ...resource,
    Metadata: { ...object(resource.Metadata), [REFERENCES_KEY]: references },
  };
  const bridged = typeof resource.Type === 'string' ? TYPES.get(resource.Type) : undefined;
  if (!bridged || bridged.isLacking?.(object(resource.Properties)) === false) {
    return shown;
  }
  return {
    ...shown,
    Type: bridgedTypeName(bridged),
    Properties: { ...object(resource.Properties), ServiceToken: BRIDGE_FUNCTION_ARN, ServiceTimeout: (BRIDGE_MINUTES + 1) * 60 },
  };
}

function object(value: unknown): JsonObject {
  return isRecord(value) ? value : {};
}
