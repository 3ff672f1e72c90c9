/** A worker program for tests: says that it is there, and does what it is told. */
import type { WorkerProgram } from '../../src/cluster/index.ts'

const program: WorkerProgram = async (connection, host) => {
  connection.onMessage(({ body, bytes }) => connection.send(body, bytes))
  connection.send({ ready: host.rank, generation: host.generation, options: host.options })
  await connection.closed
}
export default program
