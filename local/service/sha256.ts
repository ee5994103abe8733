import { createHash, createHmac } from 'node:crypto';

/** SHA-256 of Node, as AWS's signer takes a hash: as a class. With a secret it is an HMAC. */
export class Sha256 {
  private readonly hash: { update(chunk: Uint8Array): unknown; digest(): Uint8Array };

  public constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }

  public update(chunk: Uint8Array): void {
    this.hash.update(chunk);
  }

  public digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
  }

  public reset(): void {
    throw new Error('the signer makes a new one');
  }
}

function bytes(source: string | ArrayBuffer | ArrayBufferView): Uint8Array | string {
  if (typeof source === 'string') {
    return source;
  }
  return ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
}
