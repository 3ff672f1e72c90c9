/** Where a thread of a fit starts. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Hire, serve } from './team.ts'
import { workOn } from './work.ts'

const { memory, module, plan } = workerData as Hire
const work = workOn(memory, plan, module)
parentPort?.postMessage('here')
serve(work)
