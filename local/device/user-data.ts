/** The variables that user data writes for the bootstrap: all that a machine is told when it is made. */
export interface MachineVariables extends Readonly<Record<string, string>> {
  readonly EDGE_BUCKET: string;
  readonly EDGE_MANIFEST_KEY: string;
  readonly EDGE_REPORT_KEY: string;
}

/** Reads them from the script itself; undefined for user data that is not a device's. */
export function readUserData(script: string, instanceId: string): MachineVariables | undefined {
  const [, lines] = /<<ENVIRONMENT\n(.*?)\nENVIRONMENT\n/s.exec(script) ?? [];
  const pairs = (lines ?? '').split('\n').map((line): [string, string] => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1).replace('$instance', instanceId)];
  });
  const { EDGE_BUCKET, EDGE_MANIFEST_KEY, EDGE_REPORT_KEY, ...others } = Object.fromEntries(pairs) as Partial<Record<string, string>>;
  if (EDGE_BUCKET === undefined || EDGE_MANIFEST_KEY === undefined || EDGE_REPORT_KEY === undefined) {
    return undefined;
  }
  const kept = Object.fromEntries(Object.entries(others).filter((pair): pair is [string, string] => pair[1] !== undefined));
  return { ...kept, EDGE_BUCKET, EDGE_MANIFEST_KEY, EDGE_REPORT_KEY };
}
