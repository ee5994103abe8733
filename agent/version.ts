/** The agent's version as heartbeats carry it. `EDGE_VERSION` allows no hyphen. */
export const AGENT_VERSION = '0.1.0';

/** The ONNX Runtime that the bundle holds. Part of the key of optimised models. */
export const ONNX_RUNTIME_VERSION = '1.30.0';
