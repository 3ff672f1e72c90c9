/** Studies made by the real driver, with workers that only pretend to train. */
import { join } from 'node:path'
import { realClock } from '../../src/core/clock.ts'
import {
  createDriver,
  type FromDriver,
  type Metrics,
  type OpenedStudy,
  openStudy,
  type Pruner,
  pruners,
  type Sampler,
  type StudySettings,
  samplers,
} from '../../src/hpo/index.ts'
import { type Connection, memory } from '../../src/net/index.ts'
import { dimensions as space } from '../../src/space/index.ts'
import type { Store } from '../../src/store/index.ts'

export interface Made {
  readonly id?: string
  readonly mode?: 'study' | 'ablation'
  readonly trials?: number
  readonly workers?: number
  readonly sampler?: Sampler
  readonly pruner?: Pruner
  readonly settings?: Partial<StudySettings>
  /** What a trial of this config reports at a step; may throw. */
  readonly reports?: (config: Readonly<Record<string, unknown>>, step: number) => Metrics
  readonly steps?: number
  /** What is taken away, of an ablation. */
  readonly plan?: readonly (readonly string[])[]
  /** Whether a trial comes to its end; else it stays with its worker. */
  readonly ends?: (trial: number) => boolean
}

export const spaceOf = {
  learningRate: space.logUniform(1e-4, 1),
  optimizer: space.choice(['sgd', 'a dam']),
  momentum: space.when({ optimizer: 'sgd' }, space.uniform(0, 0.99)),
  layers: space.int(1, 4),
}
const defaults = { learningRate: 0.1, optimizer: 'sgd', momentum: 0.5, layers: 2, epochs: 3 }

const usual = (config: Readonly<Record<string, unknown>>, step: number): Metrics => {
  const rate = config.learningRate as number
  if (rate > 0.3) throw new Error(`The loss became NaN at step ${step} with ${rate}. Try less.`)
  return { accuracy: 1 - 0.1 * Math.abs(Math.log10(rate) + 2) - 0.02 * (config.layers as number) - 0.5 ** step, seconds: step }
}

/** A study that was begun; `end` waits for its driver, `leave` lets go of it as a driver does that is stopped. */
export async function begin(store: Store, made: Made = {}): Promise<OpenedStudy & { end(): Promise<void>; leave(): Promise<void> }> {
  const { id, mode = 'study', trials = 30, workers = 2, plan } = made
  const sampler = made.sampler ?? samplers.random()
  const pruner = made.pruner ?? pruners.median({ startupTrials: 4 })
  const opened = await openStudy(store, realClock, {
    name: 'pretended',
    mode,
    file: join(import.meta.dirname, '../run/fixtures/tiny.ts'),
    ...(id !== undefined && { id }),
    settings: () => ({
      objectives: [{ metric: 'accuracy', direction: 'maximize' }],
      space: mode === 'ablation' ? {} : spaceOf,
      ...{ defaults, sampler: { kind: sampler.name }, pruner: { kind: pruner.name, startupTrials: 4 }, seed: 0, wanted: { trials } },
      ...{ workers, engine: 'inline', ...made.settings },
    }),
    parts: { sampler, pruner, ...(plan && { plan: plan.map((without, seed) => ({ without, seed })) }) },
  })
  const driver = createDriver({ study: opened.study, log: opened.log, clock: realClock })
  const transport = memory()
  const connections: Connection[] = []
  await using listener = await transport.listen({
    token: 'token',
    accept: (connection, hello) => {
      const lost = connection.closed
      driver.attach({ rank: hello as number, connection, title: `worker ${hello}`, lost, memory: undefined, kill: connection.close })
    },
  })
  for (let rank = 0; rank < workers; rank++) {
    const connection = await transport.dial(listener.address, { token: 'token', hello: rank })
    connections.push(connection)
    pretend(connection, made)
  }
  const leave = async () => {
    driver.stop('it was interrupted')
    await driver.done
    for (const connection of connections) connection.close('over')
    await opened.writer.finish('interrupted')
  }
  return {
    ...opened,
    leave,
    async end() {
      await driver.done
      for (const connection of connections) connection.close('over')
      await opened.writer.finish('finished', { metrics: opened.study.ledger.best?.metrics ?? {} })
    },
  }
}

/** The other end of the protocol. */
function pretend(connection: Connection, { reports = usual, steps = 3, ends = () => true }: Made): void {
  let at: { trial: number; attempt: number; config: Readonly<Record<string, unknown>>; step: number } | undefined
  const result = (outcome: string, metrics: Metrics, error?: { message: string }) => {
    const { trial, attempt } = at as NonNullable<typeof at>
    at = undefined
    connection.send({ kind: 'result', trial, attempt, outcome, metrics, ...(error && { error }) })
    connection.send({ kind: 'ready' })
  }
  const step = () => {
    const { trial, attempt, config } = at as NonNullable<typeof at>
    const now = ++(at as NonNullable<typeof at>).step
    try {
      connection.send({ kind: 'report', trial, attempt, step: now, metrics: reports({ ...config, trial }, now) })
    } catch (error) {
      result('failed', {}, { message: (error as Error).message })
    }
  }
  connection.onMessage(({ body }) => {
    const message = body as FromDriver
    if (message.kind === 'trial') {
      at = { trial: message.trial, attempt: message.attempt, config: { ...message.config, without: message.without }, step: 0 }
      step()
    } else if (message.kind === 'preempt') result('preempted', {})
    else if (!at) return
    else if (message.verdict === 'stop') result('pruned', {})
    else if (message.verdict === 'pause') result('paused', {})
    else if (message.verdict === 'preempt') result('preempted', {})
    else if (at.step < steps) step()
    else if (ends(at.trial)) result('finished', {})
  })
  connection.send({ kind: 'ready' })
}
