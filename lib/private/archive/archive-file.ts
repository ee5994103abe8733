// What public declarations see of an archive: it must name no type of Node, so that users need no @types/node.

/** Bytes in memory or on the disk, which are read a part at a time. */
export interface Content {
  /** Bytes. */
  readonly size: number;
  /** Reads `length` bytes from `start` on; fewer where the content ends. */
  read(start: number, length: number): Uint8Array;
}

/** A file of an archive. Paths use '/', and are relative to the archive's root. */
export interface ArchiveFile {
  readonly path: string;
  readonly content: Content;
}
