// The SDK's clients in a file of their own (agent-cloud.js in the bundle), read when the first one is needed: in the
// agent's own file they would cost each start 40 ms and 17 MB.
export { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
export { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
export { SagemakerEdgeClient, SendHeartbeatCommand } from '@aws-sdk/client-sagemaker-edge';
