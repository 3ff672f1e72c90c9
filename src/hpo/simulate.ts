/**
 * Studies under a virtual clock: the real driver and the real protocol, with workers that only pretend to train. A thousand
 * workers and hours of training take seconds, stragglers and crashes included, and the same seed gives the same story.
 */
import type { VirtualClock } from '../core/clock.ts'
import type { Json } from '../core/json.ts'
import { type Random, random } from '../core/random.ts'
import { type Connection, transports } from '../net/index.ts'
import type { Value } from '../space/index.ts'
import { createDriver, type Driver, type DriverEnd } from './driver.ts'
import type { StudyLog } from './log.ts'
import { type FromDriver, type FromWorker, readFromDriver } from './protocol.ts'
import type { Metrics } from './record.ts'
import type { Study } from './study.ts'

/** A training that is known before: recorded or made up. */
export interface SimulatedTraining {
  /** Steps of a trial that nobody stops. */
  steps(config: Readonly<Record<string, Value>>): number
  /** What it reports after a step; 0 is the first. */
  metrics(config: Readonly<Record<string, Value>>, step: number): Metrics
  /** Milliseconds that a step takes. */
  duration(config: Readonly<Record<string, Value>>, step: number): number
}

export interface SimulateOptions {
  readonly study: Study
  readonly log: StudyLog
  readonly clock: VirtualClock
  readonly workers: number
  readonly training: SimulatedTraining
  readonly seed?: number
  /** A share of the workers takes so many times longer. */
  readonly stragglers?: { readonly share: number; readonly factor: number }
  /** The chance of a worker to die in a step, perhaps because of its config, and the milliseconds till the next takes its place. */
  readonly crashes?: { readonly chance: number | ((config: Readonly<Record<string, Value>>) => number); readonly restart: number }
  /** Milliseconds between two messages' sending and arriving. Default 0. */
  readonly latency?: number
  /** Whether a checkpoint is sent after each step; default true. */
  readonly checkpoints?: boolean
  /** With the driver, before anything begins: to stop it at some time, say. */
  readonly meet?: (driver: Driver) => void
}

export interface Simulated {
  readonly end: DriverEnd
  /** Virtual milliseconds from the first to the last. */
  readonly milliseconds: number
  /** Steps that workers computed, those that a crash wasted included. */
  readonly steps: number
  readonly crashes: number
  /** Milliseconds that workers trained, of all they were there. */
  readonly busy: number
}

/** Runs a study to its end. Rejects when the study cannot go on. */
export async function simulate(options: SimulateOptions): Promise<Simulated> {
  const { study, log, clock, workers, seed = 0, stragglers, crashes, meet } = options
  const chance = random(seed).fork('simulation')
  const driver = createDriver({ study, log, clock })
  meet?.(driver)
  const tally = { steps: 0, crashes: 0, busy: 0 }
  let over = false
  /** Ends of lives, one for each worker: a signal that a thousand wait for is slow to add to. */
  const endings = Array.from({ length: workers }, () => new AbortController())
  const begin = clock.elapsed()
  const transport = transports.memory({ breath: 0 })
  const token = 'simulated'
  await using listener = await transport.listen({
    token,
    accept(connection, hello) {
      const rank = hello as number
      const title = `worker ${rank}`
      driver.attach({ rank, connection, title, lost: connection.closed, memory: undefined, kill: (reason) => connection.close(reason) })
    },
  })

  const live = async ({ signal }: AbortController, rank: number) => {
    const own = chance.fork('worker', rank)
    const slow = stragglers !== undefined && own.uniform() < stragglers.share ? stragglers.factor : 1
    while (!over) {
      const connection = await transport.dial(listener.address, { token, hello: rank })
      const end = await work(connection, { ...options, own, slow, tally, over: signal })
      if (over) return
      if (end === 'crashed') tally.crashes++
      connection.close('it crashed')
      await clock.sleep(crashes?.restart ?? 0, signal).catch(() => undefined)
    }
  }
  const lives = endings.map(live)
  try {
    const end = await clock.until(driver.done)
    return { end, milliseconds: clock.elapsed() - begin, ...tally }
  } finally {
    over = true
    for (const ending of endings) ending.abort(new Error('the simulation is over'))
    await Promise.all(lives)
  }
}

interface Work extends SimulateOptions {
  readonly own: Random
  readonly slow: number
  readonly tally: { steps: number; busy: number }
  readonly over: AbortSignal
}

/** One worker's life, until it crashes, or its connection or everything ends. */
async function work(
  connection: Connection,
  { clock, training, crashes, latency = 0, checkpoints = true, own, slow, tally, over }: Work,
): Promise<'crashed' | 'ended'> {
  const inbox: { message: FromDriver; bytes: Uint8Array | undefined }[] = []
  let arrived = Promise.withResolvers<void>()
  let preempted = false
  let ended = false
  const end = () => {
    ended = true
    arrived.resolve()
  }
  over.addEventListener('abort', end, { once: true })
  void connection.closed.then(end)
  connection.onMessage(({ body, bytes }) => {
    const message = readFromDriver(body)
    if (message.kind === 'preempt') preempted = true
    else inbox.push({ message, bytes })
    arrived.resolve()
  })
  const send = async (message: FromWorker, bytes?: Uint8Array) => {
    if (latency > 0) await pause(latency)
    connection.send(message as unknown as Json, bytes)
  }
  /** False when there is nobody to work for any more. */
  const pause = (milliseconds: number) =>
    clock.sleep(milliseconds, over).then(
      () => !ended,
      () => false,
    )
  const hear = async () => {
    while (inbox.length === 0 && !ended) {
      await arrived.promise
      arrived = Promise.withResolvers()
    }
    return inbox.shift()
  }

  await send({ kind: 'ready' })
  for (;;) {
    const order = await hear()
    if (order?.message.kind !== 'trial') return 'ended'
    const { trial, attempt, config } = order.message
    const about = { trial, attempt }
    const steps = training.steps(config)
    const risk = typeof crashes?.chance === 'function' ? crashes.chance(config) : (crashes?.chance ?? 0)
    let outcome: Extract<FromWorker, { kind: 'result' }>['outcome'] = 'finished'
    let metrics: Metrics = {}
    preempted = false
    for (let step = stepOf(order.bytes); step < steps && outcome === 'finished'; step++) {
      const takes = training.duration(config, step) * slow
      const dies = risk > 0 && own.uniform() < risk
      if (!(await pause(dies ? takes * own.uniform() : takes))) return 'ended'
      tally.steps++
      tally.busy += takes
      if (dies) return 'crashed'
      metrics = training.metrics(config, step)
      await send({ kind: 'report', ...about, step, metrics })
      const reply = await hear()
      if (reply?.message.kind !== 'verdict') return 'ended'
      const { verdict } = reply.message
      // As a fit does, which has nothing left to stop after its last epoch.
      if (step === steps - 1) outcome = 'finished'
      else if (verdict === 'stop') outcome = 'pruned'
      else if (verdict === 'pause') outcome = 'paused'
      else if (verdict === 'preempt' || preempted) outcome = 'preempted'
      // As a fit does: the checkpoint of a step is kept after what was reported of it.
      if (checkpoints && outcome !== 'pruned') await send({ kind: 'checkpoint', ...about, step, best: false }, bytesOf(step + 1))
    }
    await send({ kind: 'result', ...about, outcome, metrics })
    await send({ kind: 'ready' })
  }
}

/** The snapshot of a simulated training is the step it goes on with. */
function bytesOf(step: number): Uint8Array {
  return new TextEncoder().encode(String(step))
}

function stepOf(bytes: Uint8Array | undefined): number {
  return bytes ? Number(new TextDecoder().decode(bytes)) : 0
}

/**
 * A log that keeps checkpoints in memory: under a virtual clock nothing may wait for a disk. Events go to `base`, where there is
 * one, for a store writes them without waiting.
 */
export function memoryLog(base?: StudyLog): StudyLog {
  const checkpoints = new Map<number, Uint8Array>()
  return {
    flush: async (durable) => base?.flush(durable),
    log: (level, text) => base?.log(level, text),
    async saveCheckpoint(trial, bytes) {
      checkpoints.set(trial, bytes)
    },
    async readCheckpoint(trial) {
      return checkpoints.get(trial)
    },
    dropCheckpoints(trial) {
      checkpoints.delete(trial)
      return undefined
    },
    async saveModel() {},
  }
}
