/** The size of a tracking server. SageMaker's documentation says for how many users a size is. */
export enum TrackingServerSize {
  /** Up to about 25 users. */
  SMALL = 'Small',
  /** Up to about 50 users. */
  MEDIUM = 'Medium',
  /** Up to about 100 users. */
  LARGE = 'Large',
}
