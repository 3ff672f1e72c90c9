/** Where a thread of a fit starts: it does its part of each command until it is told to leave. */
import { parentPort, workerData } from 'node:worker_threads'
import { fixed } from './places.ts'
import type { Hire } from './team.ts'
import { commands, meet, perform, workOn } from './work.ts'

const { memory, module, plan, thread } = workerData as Hire
const work = workOn(memory, plan, module)
parentPort?.postMessage('here')
for (;;) {
  meet(work, plan.threads)
  if (work.i32[fixed.command >> 2] === commands.leave) break
  perform(work, thread, plan.threads)
  meet(work, plan.threads)
}
