/** Where a worker thread starts. */
import { parentPort, workerData } from 'node:worker_threads'
import { realClock } from '../../core/clock.ts'
import { serve } from './serve.ts'
import { parseSpec } from './spec.ts'

const going = new AbortController()
const failure = Promise.withResolvers<never>()
parentPort?.on('message', () => going.abort(new Error('the worker was asked to go')))
process.on('uncaughtException', (error) => failure.reject(error))

serve(parseSpec(workerData), { clock: realClock, signal: going.signal, failure: failure.promise }).then(
  () => process.exit(0),
  (error) => {
    process.off('uncaughtException', failure.reject)
    throw error
  },
)
