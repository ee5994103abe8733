/** A file of an archive. Paths use '/', and are relative to the archive's root. */
export interface ArchiveFile {
  readonly path: string;
  readonly content: Buffer;
}
