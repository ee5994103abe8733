/** The name of a variant that has none. It is the one of SageMaker's SDK. */
export const DEFAULT_VARIANT = 'AllTraffic';
