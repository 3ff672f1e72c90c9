/**
 * Where a worker process starts. It dies with the driver: its lifeline, a pipe watched by a thread of its own, ends when the
 * driver does, however that ended and however busy this process is.
 */
import { flushCompileCache } from 'node:module'
import { Worker } from 'node:worker_threads'
import { realClock } from '../../core/clock.ts'
import { TuttiError } from '../../core/errors.ts'
import { serve } from './serve.ts'
import { lifeline, readSpec } from './spec.ts'

const spec = readSpec()
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
new Worker(new URL(`./life.${ending}`, import.meta.url), {
  workerData: { lifeline, leftovers: spec.leftovers },
  resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 },
}).unref()

const going = new AbortController()
const failure = Promise.withResolvers<never>()
process.on('SIGTERM', () => going.abort(new Error('the worker was asked to go')))
// Ctrl-C reaches all processes of a terminal; what is to end then, and how, is the driver's decision.
process.on('SIGINT', () => undefined)
process.on('uncaughtException', (error) => failure.reject(error))

serve(spec, { clock: realClock, signal: going.signal, failure: failure.promise }).then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(`${error instanceof TuttiError ? error.message : (error?.stack ?? error)}\n`)
    process.exit(1)
  },
)
// Workers are often killed, and those who are write no cache.
setTimeout(flushCompileCache, 2000).unref()
