/** What the driver of studies can do with many workers: the real one, with the real protocol and store, under the virtual clock. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { realClock, virtualClock } from '../../src/core/clock.ts'
import {
  createDriver,
  createStudy,
  memoryLog,
  openStudy,
  type Pruner,
  pruners,
  readFromDriver,
  type Sampler,
  type StudySettings,
  samplers,
  simulate,
} from '../../src/hpo/index.ts'
import { type Curves, curves } from '../../src/hpo/testing/curves.ts'
import { transports } from '../../src/net/index.ts'
import { type Assignment, dimensions as d } from '../../src/space/index.ts'
import { openStore } from '../../src/store/index.ts'

const plain = {
  objectives: [{ metric: 'loss', direction: 'minimize' }],
  sampler: { kind: 'any' },
  pruner: { kind: 'any' },
  engine: 'inline',
} as const

/** Trials of one second each on simulated workers: how much longer than they must take it takes, with all that the driver computes and writes. */
export async function makespan(trials: number, workers: number): Promise<{ over: number; realSeconds: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-bench-'))
  const began = performance.now()
  // What this program computes is counted: in the virtual time it takes as long as in the real one.
  const clock = virtualClock(0, { charge: () => performance.now() })
  try {
    await using store = await openStore({ path: folder, clock })
    const settings: StudySettings = {
      ...plain,
      space: { a: d.uniform(0, 1), b: d.logUniform(1e-3, 1), c: d.int(1, 10), d: d.choice(['x', 'y']) },
      ...{ defaults: {}, seed: 0, wanted: { trials }, workers },
    }
    const parts = { sampler: samplers.random(), pruner: pruners.none() }
    const { study, log, writer } = await openStudy(store, clock, { name: 'seconds', mode: 'study', settings: () => settings, parts })
    const training = { steps: () => 1, duration: () => 1000, metrics: ({ a }: Assignment) => ({ loss: Number(a) }) }
    const { milliseconds } = await simulate({ study, log, clock, workers, training, checkpoints: false })
    if (study.ledger.counts.finished !== trials) throw new Error(`${study.ledger.counts.finished} of ${trials} trials finished`)
    await writer.finish('finished')
    return { over: milliseconds / (Math.ceil(trials / workers) * 1000) - 1, realSeconds: (performance.now() - began) / 1000 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Reports a second that the driver takes in and writes, with so many workers that each report again as soon as they are answered. */
export async function ingestion(trials: number, reports: number, workers: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-bench-'))
  try {
    await using store = await openStore({ path: folder })
    const settings: StudySettings = { ...plain, space: { a: d.uniform(0, 1) }, defaults: {}, seed: 0, wanted: { trials }, workers }
    const { study, log, writer } = await openStudy(store, realClock, {
      ...{ name: 'reports', mode: 'study', settings: () => settings },
      parts: { sampler: samplers.random(), pruner: pruners.none() },
    })
    const driver = createDriver({ study, log, clock: realClock })
    const transport = transports.memory()
    await using listener = await transport.listen({
      token: 'bench',
      accept: (connection, rank) =>
        driver.attach({
          rank: rank as number,
          connection,
          title: '',
          lost: connection.closed,
          memory: undefined,
          kill: (why) => connection.close(why),
        }),
    })
    const began = performance.now()
    for (let rank = 0; rank < workers; rank++) {
      const connection = await transport.dial(listener.address, { token: 'bench', hello: rank })
      let about = { trial: 0, attempt: 0 }
      let step = 0
      connection.onMessage(({ body }) => {
        const message = readFromDriver(body)
        if (message.kind === 'trial') {
          about = { trial: message.trial, attempt: message.attempt }
          step = 0
        }
        const metrics = { loss: 1 / (step + 1), accuracy: 0.5 }
        if (step < reports) connection.send({ kind: 'report', ...about, step: step++, metrics })
        else {
          connection.send({ kind: 'result', ...about, outcome: 'finished', metrics })
          connection.send({ kind: 'ready' })
        }
      })
      connection.send({ kind: 'ready' })
    }
    await driver.done
    const seconds = (performance.now() - began) / 1000
    await writer.finish('finished')
    const kept = (await store.events(writer.id)).filter(({ kind }) => kind === 'report').length
    if (kept !== trials * reports) throw new Error(`${kept} of ${trials * reports} reports were kept`)
    return (trials * reports) / seconds
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export interface Race {
  /** Virtual seconds to the end. */
  readonly seconds: number
  /** Trials begun, and steps trained. */
  readonly trials: number
  readonly steps: number
  /** Share of the workers' time that was training. */
  readonly utilization: number
  /** The best loss of a finished trial over time. */
  readonly best: readonly { readonly seconds: number; readonly loss: number }[]
}

export interface RaceOptions {
  readonly curves: Curves
  readonly sampler?: Sampler
  readonly pruner: Pruner
  readonly workers: number
  readonly trials?: number
  /** Virtual seconds after which it is stopped. */
  readonly until?: number
  readonly seed: number
  /** Milliseconds that a step takes. */
  readonly duration: (config: Assignment) => number
  /** Whether what the driver computes takes virtual time as well. */
  readonly charge?: boolean
}

/** A study on learning curves, without a store: what happens when, in virtual time. */
export async function race({
  curves: family,
  sampler = samplers.random(),
  pruner,
  workers,
  trials,
  until,
  seed,
  duration,
  charge = false,
}: RaceOptions): Promise<Race> {
  const clock = virtualClock(0, charge ? { charge: () => performance.now() } : {})
  const settings: StudySettings = {
    ...plain,
    ...{ space: family.space.dimensions, defaults: {}, seed, workers, wanted: { ...(trials !== undefined && { trials }) } },
  }
  const best: { seconds: number; loss: number }[] = []
  const study = createStudy(settings, { sampler, pruner }, [], clock.now, (event) => {
    if (event.kind !== 'end' || event.state !== 'finished') return
    const loss = event.metrics.loss as number
    if (loss < (best.at(-1)?.loss ?? Number.POSITIVE_INFINITY)) best.push({ seconds: clock.elapsed() / 1000, loss })
  })
  const known = new WeakMap<object, readonly number[]>()
  const levels = (config: Assignment) => {
    let found = known.get(config)
    if (!found) {
      const curve = family.curve(config)
      let level = curve.start
      found = Array.from({ length: curve.length }, (_, i) => (level = curve.after(level, i)) + curve.noise(i))
      known.set(config, found)
    }
    return found
  }
  const { milliseconds, steps, busy } = await simulate({
    ...{ study, log: memoryLog(), clock, workers, seed },
    training: { steps: (config) => levels(config).length, duration, metrics: (config, step) => ({ loss: levels(config)[step] as number }) },
    meet: (driver) => {
      if (until !== undefined) void clock.sleep(until * 1000).then(() => driver.stop('the time is over'))
    },
  })
  return { seconds: milliseconds / 1000, trials: study.ledger.entries.length, steps, utilization: busy / (workers * milliseconds), best }
}

export const families = { exponential: curves.exponential, power: curves.power, crossing: curves.crossing } as const

/** The sampler of a bulk-synchronous search: a round of trials begins when all of the round before have ended. */
export function inRounds(sampler: Sampler, size: number): Sampler {
  return {
    name: `${sampler.name} in rounds`,
    begin(facts, random) {
      const inner = sampler.begin(facts, random)
      return {
        ask(number, study) {
          const before = Math.floor(number / size) * size
          return study.ended.length >= before ? inner.ask(number, study) : { kind: 'wait', reason: 'for its round' }
        },
        tell: (trial, study) => inner.tell?.(trial, study),
      }
    },
  }
}
