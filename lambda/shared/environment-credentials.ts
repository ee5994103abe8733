import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles: Lambda gives a function its credentials in the
 * environment, and the rest of the chain (profiles, single sign-on, instance metadata) is a fifth of a bundle.
 */
export const defaultProvider = () => fromEnv();
