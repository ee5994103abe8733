import type { aws_ec2 as ec2 } from 'aws-cdk-lib';

/** The user data of a machine: the setup, with commands of the user before and after it. */
export class MachineScript {
  private readonly after: string[] = [];

  /**
   * @param before commands that run first
   * @param setup gives the script that sets the machine up, with the commands that run first after its head, which reports what fails
   */
  public constructor(private readonly before: ec2.UserData | undefined, private readonly setup: (before: string) => string) {}

  public addCommands(...commands: readonly string[]): void {
    this.after.push(...commands);
  }

  public render(): string {
    const setup = this.setup(inShell('the user data before the setup failed', this.before?.render() ?? ''));
    return `${setup}${inShell('the user data after the setup failed', this.after.join('\n'))}`;
  }
}

/** In a shell of their own: a trap, an option or an exit there does not reach the setup. */
function inShell(step: string, commands: string): string {
  const lines = commands.replace(/^#!.*\n/, '').trim();
  return lines === '' ? '' : `step='${step}'\n(\n${lines}\n)\n`;
}
