/**
 * Where a worker process starts. It dies with the driver: its lifeline, a pipe watched by a thread of its own, ends when the
 * driver does, however that ended and however busy this process is.
 */
import { once } from 'node:events'
import { flushCompileCache } from 'node:module'
import { Worker } from 'node:worker_threads'
import { lifeline, readSpec } from './spec.ts'

const going = new AbortController()
const failure = Promise.withResolvers<never>()
process.on('SIGTERM', () => going.abort(new Error('the worker was asked to go')))
// Ctrl-C reaches all processes of a terminal; what is to end then, and how, is the driver's decision.
process.on('SIGINT', () => undefined)
process.on('uncaughtException', (error) => failure.reject(error))

const spec = readSpec()
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const life = new Worker(new URL(`./life.${ending}`, import.meta.url), {
  workerData: { lifeline, leftovers: spec.leftovers },
  // Stripping the types of its sources takes most of it: 8 MB were seen not to be enough.
  resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 },
})
const living = once(life, 'message').then(() => life.unref())

// Loaded while that thread starts; who dials has given its first sign of life, so from then on silence means something.
const [{ serve }, { TuttiError }, { realClock }] = await Promise.all([
  import('./serve.ts'),
  import('../../core/errors.ts'),
  import('../../core/clock.ts'),
])
// Workers are often killed, and those who are write no cache.
setTimeout(flushCompileCache, 2000).unref()
try {
  await serve(spec, { clock: realClock, signal: going.signal, failure: failure.promise, ready: living })
  process.exit(0)
} catch (error) {
  const text = error instanceof TuttiError ? error.message : error instanceof Error ? error.stack : error
  process.stderr.write(`${text}\n`)
  process.exit(1)
}
