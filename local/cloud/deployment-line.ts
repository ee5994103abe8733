/** A line of the CLI's about a resource that a user may want to see, or about a failure. */
export function deploymentLine(line: string): string | undefined {
  const match = /\|\s*(?<count>\d+\/\d+)\s*\|[^|]*\|\s*(?<status>\w+)\s*\|\s*(?<type>\S+)\s*\|\s*(?<what>.*)$/.exec(line)?.groups;
  if (match?.status?.endsWith('_FAILED')) {
    return `${match.count ?? ''} ${match.type ?? ''} ${match.what ?? ''}`;
  }
  if (!match?.status || !/^(CREATE|UPDATE)_COMPLETE$/.test(match.status) || !/^Custom::(SageMakerEdge|AWS)-|Stack$/.test(match.type ?? '')) {
    return undefined;
  }
  return `${(match.count ?? '').padStart(7)}  ${(match.what ?? '').replace(/ \([^)]*\)\s*$/, '').trim()}  (${(match.type ?? '').replace('Custom::AWS-', 'AWS::').replaceAll('-', '::')})`;
}
