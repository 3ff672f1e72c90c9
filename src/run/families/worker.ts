/**
 * The worker program of searches that share their work: loads the training file once, tells which configurations belong together, and
 * measures all of them in one fold at a time. What data it has made, and the folds of it, it keeps.
 */
import * as v from 'valibot'
import type { WorkerHost, WorkerProgram } from '../../cluster/index.ts'
import { messageOf } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'
import { setDataDir, setPlace } from '../../data/index.ts'
import type { Connection } from '../../net/index.ts'
import { type Config, isBetter } from '../../train/index.ts'
import { modelFiles } from '../artifacts.ts'
import { explain } from '../explain.ts'
import { cachingData } from '../trials/caches.ts'
import { cvSchema } from '../trials/cv.ts'
import { trainingOf } from '../trials/inProcess.ts'
import { type Measured, measureUnit, plan } from './measure.ts'
import { type FromFarm, type FromWorker, readFromFarm } from './protocol.ts'

const optionsSchema = v.object({
  /** The training file, or the number of a training that this process lends. */
  file: v.optional(v.string()),
  lent: v.optional(v.number()),
  dataDir: v.optional(v.string()),
  cv: v.optional(cvSchema),
})

/** What the program is told when it is launched. */
export type FamilyWorkerOptions = v.InferOutput<typeof optionsSchema>

type UnitMessage = Extract<FromFarm, { kind: 'unit' }>

const program: WorkerProgram = async (connection, host) => {
  const { file, lent, dataDir, cv } = v.parse(optionsSchema, host.options)
  if (dataDir !== undefined) setDataDir(dataDir)
  setPlace(host.place)
  const measured = trainingOf({ file, lent }, host.place).then(
    (loaded): Measured => ({ training: cachingData(loaded), ...(cv !== undefined && { cv }) }),
  )
  measured.catch(() => undefined)
  await serve(connection, host, measured)
}
export default program

/** How often progress is told, in milliseconds. */
const tellEvery = 100

async function serve(connection: Connection, { clock, signal }: WorkerHost, loading: Promise<Measured>): Promise<void> {
  const send = (message: FromWorker, bytes?: Uint8Array) => connection.send(message as unknown as Json, bytes)
  const stop = new AbortController()
  /** One thing after another. */
  let turn: Promise<void> = Promise.resolve()

  const unit = async (message: UnitMessage) => {
    const { task, configs, fold, seed, threads, keep } = message
    const measured = await loading
    let told = clock.elapsed()
    const onProgress = (done: number, total: number) => {
      if (clock.elapsed() - told < tellEvery) return
      told = clock.elapsed()
      send({ kind: 'progress', task, done, total })
    }
    const found = await measureUnit(measured, configs, { fold, seed, threads, signal: stop.signal, onProgress })
    if (keep) await sendModel(message, keep, found, measured)
    send({ kind: 'answer', task, answers: found.answers })
  }

  const sendModel = async (
    { task, configs, seed }: UnitMessage,
    keep: NonNullable<UnitMessage['keep']>,
    { answers, learned }: Awaited<ReturnType<typeof measureUnit>>,
    { training }: Measured,
  ) => {
    let best: { member: number; value: number } | undefined
    for (const [member, answer] of answers.entries()) {
      const value = 'metrics' in answer ? answer.metrics[keep.metric] : undefined
      if (value !== undefined && isBetter(value, best?.value ?? null, keep)) best = { member, value }
    }
    if (!best || (keep.best !== null && isBetter(keep.best, best.value, keep))) return
    const predictor = await learned(best.member)
    const answer = answers[best.member]
    if (!predictor || !answer || !('metrics' in answer)) return
    const config = configs[best.member] as Config
    try {
      const { train } = await training.data(config)
      const files = modelFiles({ name: training.name, seed, config, metrics: answer.metrics, learned: predictor, data: train })
      for (const [name, bytes] of Object.entries(files)) send({ kind: 'model', task, member: best.member, name }, bytes)
    } catch (error) {
      // As where it is trained alone: a trial whose model cannot be kept has failed.
      const { code, message } = explain(error)
      answers[best.member] = { error: { message, ...(code !== undefined && { code }) } }
    }
  }

  const work = async (message: FromFarm) => {
    switch (message.kind) {
      case 'prepare': {
        // What is wrong with it is told of the configurations themselves.
        const { training } = await loading
        await Promise.resolve(training.data(message.config)).catch(() => undefined)
        return
      }
      case 'plan': {
        const { task, configs } = message
        send({ kind: 'planned', task, ...(await planAll(configs)) })
        return send({ kind: 'ready' })
      }
      case 'unit':
        await unit(message)
        return send({ kind: 'ready' })
      default:
        return message satisfies never
    }
  }

  const planAll = async (configs: readonly Config[]): Promise<Awaited<ReturnType<typeof plan>>> => {
    try {
      return await plan(await loading, configs)
    } catch (error) {
      // The file cannot be loaded: each trial fails with its reason.
      const { code, message } = explain(error)
      const told = { message, ...(code !== undefined && { code }) }
      return { groups: [], failed: configs.map((_, member) => ({ member, error: told })) }
    }
  }

  connection.onMessage(({ body }) => {
    let message: FromFarm
    try {
      message = readFromFarm(body)
    } catch (error) {
      connection.close(messageOf(error))
      return
    }
    turn = turn
      .then(() => work(message))
      .catch((error) => {
        if (!stop.signal.aborted) connection.close(messageOf(error))
      })
  })
  send({ kind: 'ready' })
  const asked = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  await Promise.race([asked, connection.closed])
  stop.abort(new Error('the worker was asked to go'))
  await turn
}
