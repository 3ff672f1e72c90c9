/**
 * The worker program of studies: loads the training file once, then pulls trial after trial from the driver and runs them, each
 * in an environment whose config, checkpoints and reports come from and go to the driver.
 */
import * as v from 'valibot'
import type { WorkerHost, WorkerProgram } from '../../cluster/index.ts'
import { fail, messageOf } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'
import { setDataDir, setPlace } from '../../data/index.ts'
import { runtimes } from '../../graph/index.ts'
import { type FromDriver, type FromWorker, readFromDriver } from '../../hpo/index.ts'
import type { Connection } from '../../net/index.ts'
import type { CvSpec, Training } from '../../train/index.ts'
import { cachingData, cachingRuntime } from './caches.ts'
import { cvSchema, inFolds } from './cv.ts'
import { trainingOf } from './inProcess.ts'
import { TrialStop } from './stop.ts'
import { runTrial } from './trial.ts'

const optionsSchema = v.object({
  /** The training file, or the number of a training that this process lends. */
  file: v.optional(v.string()),
  lent: v.optional(v.number()),
  threads: v.pipe(v.number(), v.integer(), v.minValue(1)),
  dataDir: v.optional(v.string()),
  cv: v.optional(cvSchema),
})

/** What the program is told when it is launched. */
export type TrialWorkerOptions = v.InferOutput<typeof optionsSchema>

type TrialMessage = Extract<FromDriver, { kind: 'trial' }>
type Verdict = Extract<FromDriver, { kind: 'verdict' }>['verdict']

const program: WorkerProgram = async (connection, host) => {
  const { file, lent, threads, dataDir, cv } = v.parse(optionsSchema, host.options)
  if (dataDir !== undefined) setDataDir(dataDir)
  setPlace(host.place)
  await serve(connection, host, { training: () => trainingOf({ file, lent }, host.place), threads, cv })
}
export default program

/** Runs trials of a training until the connection is closed, and what runs then has stopped. */
export async function serve(
  connection: Connection,
  { clock, signal }: Pick<WorkerHost, 'clock' | 'signal'>,
  { training, threads, cv }: { training: () => Promise<Training>; threads: number; cv?: CvSpec | undefined },
): Promise<void> {
  const send = (message: FromWorker, bytes?: Uint8Array) => connection.send(message as unknown as Json, bytes)
  await using runtime = cachingRuntime(runtimes.onnxruntime())
  let loaded: Promise<Training> | undefined
  let current: { message: TrialMessage; stop: AbortController } | undefined
  let running: Promise<void> = Promise.resolve()
  let verdict: PromiseWithResolvers<Verdict> | undefined
  let over = false
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()

  const preempt = () => current?.stop.abort(new TrialStop('preempt'))
  signal.addEventListener('abort', () => {
    send({ kind: 'leave' })
    if (current) preempt()
    else close()
  })

  const run = async (message: TrialMessage, snapshot: Uint8Array | undefined) => {
    const { trial, attempt } = message
    const stop = new AbortController()
    current = { message, stop }
    const result = await runTrial(message, snapshot, {
      // A file that cannot be loaded fails each trial with its reason, here and not in the driver.
      training: () => (loaded ??= training().then((made) => inFolds(cachingData(made), cv))),
      runtime,
      threads,
      clock,
      stop,
      send: (body, bytes) => send({ ...body, trial, attempt } as FromWorker, bytes),
      async report(step, metrics) {
        if (over) return 'preempt'
        verdict = Promise.withResolvers()
        send({ kind: 'report', trial, attempt, step, metrics })
        return verdict.promise
      },
    })
    current = undefined
    send({ kind: 'result', trial, attempt, ...result })
    if (signal.aborted) close()
    else send({ kind: 'ready' })
  }

  connection.onMessage(({ body, bytes }) => {
    let message: FromDriver
    try {
      message = readFromDriver(body)
    } catch (error) {
      connection.close(messageOf(error))
      return
    }
    switch (message.kind) {
      case 'trial':
        if (current) throw fail('INTERNAL', 'a worker got a trial while it had one')
        running = run(message, bytes).catch((error) => connection.close(messageOf(error)))
        return
      case 'verdict':
        verdict?.resolve(message.verdict)
        verdict = undefined
        return
      case 'preempt':
        if (current?.message.trial === message.trial && current.message.attempt === message.attempt) preempt()
        return
      default:
        return message satisfies never
    }
  })
  send({ kind: 'ready' })
  await Promise.race([closed, connection.closed])
  over = true
  preempt()
  verdict?.resolve('preempt')
  // Nobody may take its graphs away before it has stopped.
  await running
}
