import { fork } from 'node:child_process';
import path from 'node:path';
import type { Row } from '../row';

/** Megabytes of the function's memory, which `HealthFunction` leaves at its default. */
const MEMORY = 256;
/** The heap that Lambda's bootstrap gives Node.js, in shares of the function's memory, by a public copy of it: nobody has looked on AWS. */
const HEAP = [`--max-old-space-size=${Math.floor(MEMORY * 0.9)}`, `--max-semi-space-size=${Math.floor(MEMORY * 0.05)}`];

/** An hour of a fleet's reports in the function that counts them: in a process of its own, with the heap that the function has. */
export function benchFleetHealth(): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const child = fork(path.join(__dirname, 'simulation.ts'), { execArgv: [...process.execArgv, ...HEAP] });
    let rows: Row[] = [];
    child.on('message', (message: Row[]) => {
      rows = message;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) {
        resolve(rows);
      } else {
        reject(new Error(`the simulation of a fleet ended with ${code ?? 'a signal'}`));
      }
    });
  });
}
