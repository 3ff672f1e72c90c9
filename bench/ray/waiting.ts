/** A worker program that waits until it is asked to go. */
import type { WorkerProgram } from '../../src/cluster/index.ts'

const program: WorkerProgram = (_, { signal }) =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
export default program
