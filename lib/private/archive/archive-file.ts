import { memoryContent, type Content } from './content';

/** A file of an archive. Paths use '/', and are relative to the archive's root. */
export interface ArchiveFile {
  readonly path: string;
  readonly content: Content;
}

/** A small file of an archive. */
export interface MemoryFile {
  readonly path: string;
  readonly content: Buffer;
}

export function archiveFile({ path, content }: MemoryFile): ArchiveFile {
  return { path, content: memoryContent(content) };
}
