import type { Infer } from './shape';
import { BOOLEAN, DOUBLE, NOTHING, STRING, TIMESTAMP, list, oneOf, structure, text } from './shape';
import { EDGE_OUTPUT_CONFIG, ENTITY_NAME, LIST_MEMBERS, NEXT_TOKEN, ROLE_ARN, TAG_LIST } from './shapes-common';

/** Fleets, devices, and the runtime API that devices call (sagemaker-edge, 2020-09-23). */

const FLEET_DESCRIPTION = text(1, 800, /^[-a-zA-Z0-9_.,;:! ]*$/);

export const CREATE_DEVICE_FLEET = structure({ DeviceFleetName: ENTITY_NAME, OutputConfig: EDGE_OUTPUT_CONFIG }, {
  RoleArn: ROLE_ARN, Description: FLEET_DESCRIPTION, Tags: TAG_LIST, EnableIotRoleAlias: BOOLEAN,
});
export const UPDATE_DEVICE_FLEET = structure({ DeviceFleetName: ENTITY_NAME, OutputConfig: EDGE_OUTPUT_CONFIG }, {
  RoleArn: ROLE_ARN, Description: FLEET_DESCRIPTION, EnableIotRoleAlias: BOOLEAN,
});
export type FleetSettings = Infer<typeof UPDATE_DEVICE_FLEET>;

export const DEVICE_FLEET = structure({ DeviceFleetName: ENTITY_NAME }, NOTHING);
export const LIST_DEVICE_FLEETS = structure(NOTHING, { ...LIST_MEMBERS, SortBy: oneOf('NAME', 'CREATION_TIME', 'LAST_MODIFIED_TIME') });

const DEVICES = list(structure({ DeviceName: ENTITY_NAME }, {
  Description: text(1, 40, /^[-a-zA-Z0-9_.,;:! ]*$/), IotThingName: text(0, 128, /^[a-zA-Z0-9:_-]+$/),
}));
export const REGISTER_DEVICES = structure({ DeviceFleetName: ENTITY_NAME, Devices: DEVICES }, { Tags: TAG_LIST });
export const UPDATE_DEVICES = structure({ DeviceFleetName: ENTITY_NAME, Devices: DEVICES }, NOTHING);
export const DEREGISTER_DEVICES = structure({ DeviceFleetName: ENTITY_NAME, DeviceNames: list(ENTITY_NAME) }, NOTHING);
export const DESCRIBE_DEVICE = structure({ DeviceName: ENTITY_NAME, DeviceFleetName: ENTITY_NAME }, { NextToken: NEXT_TOKEN });
export const LIST_DEVICES = structure(NOTHING, {
  NextToken: NEXT_TOKEN, MaxResults: LIST_MEMBERS.MaxResults, LatestHeartbeatAfter: TIMESTAMP, ModelName: ENTITY_NAME, DeviceFleetName: ENTITY_NAME,
});

const NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/;
const RUNTIME_NAME = text(1, 63, /^[a-zA-Z0-9](-*_*[a-zA-Z0-9])*$/);
const RUNTIME_ENTITY = text(1, 63, NAME);
const VERSION = text(1, 64, /^[a-zA-Z0-9 _.]+$/);
const MODEL_NAME = text(4, 255, NAME);
const STATE = oneOf('DEPLOY', 'UNDEPLOY');
const METRICS = list(structure(NOTHING, {
  Dimension: text(1, 1000, /^[a-zA-Z0-9](-*[a-zA-Z0-9/])*$/), MetricName: text(4, 100, NAME), Value: DOUBLE, Timestamp: TIMESTAMP,
}));

export const RUNTIME_DEVICE = structure({ DeviceName: RUNTIME_NAME, DeviceFleetName: RUNTIME_NAME }, NOTHING);
export const SEND_HEARTBEAT = structure({ AgentVersion: VERSION, DeviceName: RUNTIME_NAME, DeviceFleetName: RUNTIME_NAME }, {
  AgentMetrics: METRICS,
  Models: list(structure(NOTHING, {
    ModelName: MODEL_NAME, ModelVersion: VERSION, LatestSampleTime: TIMESTAMP, LatestInference: TIMESTAMP, ModelMetrics: METRICS,
  })),
  DeploymentResult: structure(NOTHING, {
    DeploymentName: RUNTIME_ENTITY, DeploymentStatus: RUNTIME_ENTITY, DeploymentStatusMessage: STRING, DeploymentStartTime: TIMESTAMP, DeploymentEndTime: TIMESTAMP,
    DeploymentModels: list(structure(NOTHING, {
      ModelHandle: RUNTIME_ENTITY, ModelName: MODEL_NAME, ModelVersion: VERSION, DesiredState: STATE, State: STATE,
      Status: oneOf('SUCCESS', 'FAIL'), StatusReason: STRING, RollbackFailureReason: STRING,
    })),
  }),
});
export type Heartbeat = Infer<typeof SEND_HEARTBEAT>;
