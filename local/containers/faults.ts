import { ServiceError } from '../service/errors';
import { Schema } from '../service/validator';

/** A task that does not start, for tests: RunTask answers it among its failures. */
export interface TaskFault {
  readonly familyContains: string;
  /** As ECS words it: `RESOURCE:ENI`, or `Capacity is unavailable at this time.` with what follows. */
  readonly reason: string;
  readonly detail?: string;
  /** Default 1. */
  readonly times?: number;
}

const SHAPES = {
  TaskFault: {
    type: 'structure', required: ['familyContains', 'reason'],
    members: { familyContains: { shape: 'Text' }, reason: { shape: 'Text' }, detail: { shape: 'Text' }, times: { shape: 'Count' } },
  },
  Text: { type: 'string' },
  Count: { type: 'integer', min: 1 },
};
const FAULT = new Schema<TaskFault>(SHAPES, 'TaskFault', (message) => new ServiceError('InvalidParameterException', message));

export class TaskFaults {
  private readonly armed: { readonly fault: TaskFault; left: number }[] = [];

  /** Throws for anything but a fault. */
  public add(body: unknown): void {
    const fault = FAULT.validated(body);
    this.armed.push({ fault, left: fault.times ?? 1 });
  }

  public takeStart(family: string): TaskFault | undefined {
    const found = this.armed.find(({ fault, left }) => left > 0 && family.includes(fault.familyContains));
    if (found) {
      found.left -= 1;
    }
    return found?.fault;
  }
}
