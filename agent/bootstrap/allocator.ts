/**
 * Settings of glibc's allocator for the agent. Pieces of requests are 64 KiB and more: with a place of their own each, they
 * are given back when they are freed. Otherwise a burst of large requests stays with the process as resident memory.
 * https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html
 */
export const ALLOCATOR: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '1048576',
};
