import { isRecord } from '../objects';

/** A value of a template as cdk-nag writes it into the name of a finding: `<Bucket.Arn>/*` for a join of a reference and a text. */
export function flattenReference(value: unknown): string {
  if (typeof value === 'string') {
    return value.replace(/\$\{/g, '<').replace(/\}/g, '>'); // the variables of Fn::Sub
  }
  if (!isRecord(value)) {
    return value === undefined ? '' : JSON.stringify(value);
  }
  if (Array.isArray(value['Fn::Join'])) {
    return flattenJoin(value['Fn::Join']);
  }
  if (Array.isArray(value['Fn::GetAtt'])) {
    return `<${value['Fn::GetAtt'].map(flattenReference).join('.')}>`;
  }
  if ('Ref' in value) {
    return `<${flattenReference(value.Ref)}>`;
  }
  if ('Fn::ImportValue' in value) {
    return flattenReference(value['Fn::ImportValue']);
  }
  return 'Fn::Sub' in value ? flattenReference(value['Fn::Sub']) : JSON.stringify(value);
}

function flattenJoin([delimiter, parts]: readonly unknown[]): string {
  return Array.isArray(parts) ? parts.map(flattenReference).join(String(delimiter)) : '';
}
