import type { AbortMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import { describeError } from '../shared/errors';
import { log } from '../shared/log';
import type { ObjectCalls } from './dependencies';

/** Where an object goes. */
export interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

/** Uploads bytes that need not fit into memory. Each part is in memory as a whole, so that the SDK can try it again. */
export async function upload(
  objects: ObjectCalls, place: Place, bytes: AsyncIterable<Buffer>, size: number, partBytes: number,
): Promise<void> {
  const ContentType = 'application/gzip';
  if (size <= partBytes) {
    for await (const Body of partsOf(bytes, partBytes)) {
      await objects.putObject({ ...place, Body, ContentType });
    }
    return;
  }
  const { UploadId } = await objects.createMultipartUpload({ ...place, ContentType });
  try {
    const Parts: { ETag: string | undefined; PartNumber: number }[] = [];
    for await (const Body of partsOf(bytes, partBytes)) {
      const PartNumber = Parts.length + 1;
      const { ETag } = await objects.uploadPart({ ...place, UploadId, PartNumber, Body });
      Parts.push({ ETag, PartNumber });
    }
    await objects.completeMultipartUpload({ ...place, UploadId, MultipartUpload: { Parts } });
  } catch (error) {
    await abort(objects, { ...place, UploadId });
    throw error;
  }
}

/** Else the parts cost money for good. A fault here must not hide why the upload failed. */
async function abort(objects: ObjectCalls, upload: AbortMultipartUploadCommandInput): Promise<void> {
  try {
    await objects.abortMultipartUpload(upload);
  } catch (error) {
    log('an upload was not aborted: its parts stay', { bucket: upload.Bucket, key: upload.Key, reason: describeError(error) });
  }
}

/** The same bytes in parts of one size; the last may be smaller. */
async function* partsOf(bytes: AsyncIterable<Buffer>, partBytes: number): AsyncGenerator<Buffer> {
  let part: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    let rest = chunk;
    while (length + rest.length > partBytes) {
      const room = partBytes - length;
      yield Buffer.concat([...part, rest.subarray(0, room)]);
      rest = rest.subarray(room);
      part = [];
      length = 0;
    }
    part.push(rest);
    length += rest.length;
  }
  yield Buffer.concat(part);
}
