// Writes the agent's configuration: the component's, with what only the device knows.
'use strict';
const { writeFileSync } = require('node:fs');
const { AWS_IOT_THING_NAME: thing, AWS_REGION: region, EDGE_AGENT_CONFIG: text } = process.env;
const [roots, file] = process.argv.slice(2);
const numeric = [
  'sagemaker_edge_core_capture_data_buffer_size',
  'sagemaker_edge_core_capture_data_batch_size',
  'sagemaker_edge_core_capture_data_push_period_seconds',
  'sagemaker_edge_core_capture_data_base64_embed_limit',
  'sagemaker_edge_core_capture_data_periodic_upload_period_seconds',
  'sagemaker_edge_capture_confidence_below',
  'sagemaker_edge_capture_daily_budget',
  'sagemaker_edge_capture_sample_share',
  'sagemaker_edge_capture_spool_max_bytes',
  'sagemaker_edge_memory_budget_bytes',
  'sagemaker_edge_intra_op_threads',
  'sagemaker_edge_health_report_period_seconds',
  'sagemaker_edge_heartbeat_period_seconds',
  'sagemaker_edge_metrics_period_seconds',
];
const config = {};
for (const [key, value] of Object.entries(JSON.parse(text))) {
  const filled = typeof value === 'string' ? value.replaceAll('@THING_NAME_PLACEHOLDER@', thing) : value;
  config[key] = numeric.includes(key) ? Number(value) : filled;
}
Object.assign(config, {
  sagemaker_edge_core_device_name: thing, sagemaker_edge_core_iot_thing_name: thing, sagemaker_edge_core_region: region,
  sagemaker_edge_provider_provider: 'Custom', // the nucleus's token exchange, by the environment
  sagemaker_edge_core_root_certs_path: roots,
  sagemaker_edge_local_data_root_path: process.cwd() + '/data',
  sagemaker_edge_heartbeat_period_seconds: 0, // to SageMaker Edge Manager, which AWS has retired
  sagemaker_edge_capture_drain_seconds: 1, // a stop is mostly the begin of a rollout; what waits is sent after the next start
});
if (config.sagemaker_edge_core_capture_data_destination !== 'Cloud') {
  config.sagemaker_edge_core_capture_data_disk_path = process.cwd() + '/captures';
}
writeFileSync(file, JSON.stringify(config, undefined, 2) + '\n');
