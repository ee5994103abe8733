/** Names the user's app to `synth.ts`: a command, or a cloud assembly. */
export const APP_VARIABLE = 'CDK_SAGEMAKER_EDGE_APP';
