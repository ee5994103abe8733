/** The custom resource of an image that is built at deployment, and what the handler gets. */
export type BuiltImageType = 'Custom::SageMakerEdge-BuiltImage';

export interface BuiltImageProperties {
  readonly ProjectName: string;
  readonly RepositoryName: string;
  /** The image's tag, and its only name: it is made of all that the image is made of. */
  readonly ImageTag: string;
}

export interface BuiltImageData {
  readonly ImageTag: string;
  /** `sha256:…` */
  readonly ImageDigest: string;
}
