import { DOUBLE, integer, list, NOTHING, oneOf, STRING, structure, text, type Infer } from '../sagemaker/shape';

/** Maps are not part of these: their values are checked one by one. */

const UPDATE_POLICY = structure(NOTHING, { timeoutInSeconds: integer(1), action: oneOf('NOTIFY_COMPONENTS', 'SKIP_NOTIFY_COMPONENTS') });
export const POLICIES = structure(NOTHING, {
  failureHandlingPolicy: oneOf('ROLLBACK', 'DO_NOTHING'), componentUpdatePolicy: UPDATE_POLICY,
  configurationValidationPolicy: structure(NOTHING, { timeoutInSeconds: integer(1) }),
});
export type Policies = Infer<typeof POLICIES>;

/** Exactly one: the CloudFormation schema says `oneOf`. */
const INCREASE = structure(NOTHING, { numberOfNotifiedThings: integer(1), numberOfSucceededThings: integer(1) }, ['numberOfNotifiedThings', 'numberOfSucceededThings']);
export const JOB_CONFIGURATION = structure(NOTHING, {
  jobExecutionsRolloutConfig: structure(NOTHING, {
    exponentialRate: structure({ baseRatePerMinute: integer(1, 1000), incrementFactor: { ...DOUBLE, min: 1, max: 5 }, rateIncreaseCriteria: INCREASE }, NOTHING),
    maximumPerMinute: integer(1, 1000),
  }),
  abortConfig: structure({
    criteriaList: list(structure({
      failureType: oneOf('FAILED', 'REJECTED', 'TIMED_OUT', 'ALL'), action: oneOf('CANCEL'), thresholdPercentage: { ...DOUBLE, min: 0, max: 100 }, minNumberOfExecutedThings: integer(1),
    }, NOTHING), 1),
  }, NOTHING),
  timeoutConfig: structure(NOTHING, { inProgressTimeoutInMinutes: integer(1, 10_080) }),
});
export type JobConfiguration = Infer<typeof JOB_CONFIGURATION>;

export const SPECIFICATION = structure({ componentVersion: text(1, 64) }, {
  configurationUpdate: structure(NOTHING, { merge: text(1, 10_485_760), reset: list(text(0, 256)) }),
  runWith: structure(NOTHING, { posixUser: text(1, 256), windowsUser: STRING, systemResourceLimits: structure(NOTHING, { memory: integer(0), cpus: { ...DOUBLE, min: 0 } }) }),
});
export type Specification = Infer<typeof SPECIFICATION>;

export const TARGET_ARN = /^arn:[^:]*:iot:[^:]*:\d{12}:(thing|thinggroup)\/[^\s:]+$/;
