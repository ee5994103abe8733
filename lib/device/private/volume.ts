const GIB = 1024 ** 3;
/** The system, the agent, its logs and what it captures. */
const SYSTEM_GIB = 3;

/**
 * What to say where models do not fit on a volume: each is unpacked beside its archive, which goes then.
 * @param sizes the packages of the models in bytes, which are as large as what is in them
 */
export function volumeProblem(sizes: readonly number[], volumeGib: number): string | undefined {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const wanted = Math.ceil(SYSTEM_GIB + (all + Math.max(0, ...sizes)) / GIB);
  return wanted <= volumeGib
    ? undefined
    : `volumeSize must be at least ${wanted} GiB for models of ${(all / GIB).toFixed(1)} GiB, since each is unpacked beside its package, got ${volumeGib}`;
}
