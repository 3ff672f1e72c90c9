/** Where a worker thread starts. */
import { parentPort, workerData } from 'node:worker_threads'
import { realClock } from '../../core/clock.ts'
import { serve } from './serve.ts'
import { parseSpec } from './spec.ts'

const going = new AbortController()
const failure = Promise.withResolvers<never>()
parentPort?.on('message', () => going.abort(new Error('the worker was asked to go')))
const caught = (error: unknown) => failure.reject(error)
process.on('uncaughtException', caught)

serve(parseSpec(workerData), { clock: realClock, signal: going.signal, failure: failure.promise }).then(
  () => process.exit(0),
  (error) => {
    // The thread's own end tells the driver.
    process.off('uncaughtException', caught)
    throw error
  },
)
