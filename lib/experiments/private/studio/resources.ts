/** Custom resources of Studio, and what the handler gets. */
export type StudioCleanupType = 'Custom::SageMakerEdge-StudioCleanup';
export type StudioImageAttachmentType = 'Custom::SageMakerEdge-StudioImageAttachment';

/** Of a space, of a user or, with neither, of the whole domain. */
export interface StudioCleanupProperties {
  readonly DomainId: string;
  readonly UserProfileName?: string;
  readonly SpaceName?: string;
  /** `Delete`: the domain is deleted with the file system of the home directories. Of a domain alone. */
  readonly HomeFileSystem?: 'Delete';
}

export interface StudioImageAttachmentProperties {
  readonly DomainId: string;
  readonly AppType: 'JupyterLab' | 'CodeEditor';
  readonly ImageName: string;
  readonly AppImageConfigName: string;
  readonly ImageVersionNumber: string;
}
