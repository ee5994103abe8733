/**
 * What an image of Studio must have, as a script of `/bin/sh` that runs in it: the user that AWS asks for, these commands, and a kernel of
 * Jupyter where JupyterLab runs it. It tells all that is missing, not just the first.
 */
export function imageCheck(commands: readonly string[], needsKernel: boolean): string {
  return [
    'missing=0',
    'need() { echo "The image must have $1." >&2; missing=1; }',
    'user="$(id -u):$(id -g)"',
    '[ "$user" = 1000:100 ] || need "a user with the uid 1000 and the gid 100, got $user: end its Dockerfile with USER 1000:100"',
    ...commands.map((command) => `command -v '${command}' > /dev/null || need "the command '${command}' in PATH"`),
    ...needsKernel ? [`jupyter kernelspec list --json 2> /dev/null | grep -q '"resource_dir"' || need "a kernel of Jupyter: install ipykernel"`] : [],
    'exit "$missing"',
  ].join('\n');
}
