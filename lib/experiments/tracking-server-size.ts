/** The size of a tracking server. The numbers of users are from memory: compare them with SageMaker's documentation. */
export enum TrackingServerSize {
  /** Up to about 25 users. */
  SMALL = 'Small',
  /** Up to about 50 users. */
  MEDIUM = 'Medium',
  /** Up to about 100 users. */
  LARGE = 'Large',
}
