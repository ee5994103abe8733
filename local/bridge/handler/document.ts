import { createHash } from 'node:crypto';
import { callDeviceHost } from './device-host';
import { optionalText, record, text, type Identity, type Outcome, type Properties, type ResourceHandler } from './resource';

const MAX_BYTES = 64 * 1024;

/** AWS::SSM::Document: checked and recorded. Nothing here runs one: the emulator's SendCommand knows no such documents. */
export class DocumentHandler implements ResourceHandler {
  public async create(properties: Properties, { stackName, stackId, logicalId }: Identity): Promise<Outcome> {
    const generated = `${stackName}-${logicalId}-${createHash('sha256').update(`${stackId} ${logicalId}`).digest('hex').slice(0, 12)}`.slice(-128);
    return this.put(optionalText(properties, 'Name') ?? generated, properties);
  }

  public async update(physicalId: string, properties: Properties, old: Properties, identity: Identity): Promise<Outcome> {
    const renamed = optionalText(properties, 'Name') !== optionalText(old, 'Name');
    return renamed ? this.create(properties, identity) : this.put(physicalId, properties);
  }

  public async delete(physicalId: string): Promise<void> {
    await callDeviceHost('DELETE', `/documents/${encodeURIComponent(physicalId)}`);
  }

  private async put(name: string, properties: Properties): Promise<Outcome> {
    const content = record(properties, 'Content');
    const schema = text(content, 'schemaVersion');
    if (!/^[a-zA-Z0-9_.-]{3,128}$/.test(name)) {
      throw new Error(`the name of a document must be 3 to 128 letters, digits and _ . -, got '${name}'`);
    }
    if (schema !== '2.2') {
      throw new Error(`the local cloud knows documents of schema 2.2 alone, got ${schema}`);
    }
    if (JSON.stringify(content).length > MAX_BYTES) {
      throw new Error(`a document may have ${MAX_BYTES} bytes`);
    }
    await callDeviceHost('PUT', `/documents/${encodeURIComponent(name)}`, content);
    return { physicalId: name };
  }
}
