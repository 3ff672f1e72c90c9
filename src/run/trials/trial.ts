/** One trial on a worker: the training function, in an environment that speaks to the driver. */
import { ablated } from '../../ablation/index.ts'
import type { Clock } from '../../core/clock.ts'
import { fail } from '../../core/errors.ts'
import type { Runtime } from '../../graph/index.ts'
import type { FromWorker, Metrics, Verdict } from '../../hpo/index.ts'
import {
  type Checkpoints,
  decodeSnapshot,
  type Environment,
  encodeSnapshot,
  type Followed,
  isBetter,
  objectivesOf,
  runTraining,
  type Training,
} from '../../train/index.ts'
import { modelFiles } from '../artifacts.ts'
import { explain } from '../explain.ts'
import { keepData } from '../keepData.ts'
import { filesOf, type WithFiles } from './files.ts'
import { TrialStop } from './stop.ts'

/** What is sent, without the trial's number. */
type Sent =
  | { readonly kind: 'checkpoint'; readonly step: number; readonly best: boolean }
  | { readonly kind: 'model'; readonly name: string }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn'; readonly text: string }

export interface TrialHost {
  training(): Promise<Training>
  readonly runtime: Runtime
  readonly threads: number
  readonly clock: Clock
  /** Aborted with a `TrialStop`, from here or outside. */
  readonly stop: AbortController
  send(body: Sent, bytes?: Uint8Array): void
  report(step: number, metrics: Metrics): Promise<Verdict | 'preempt'>
}

export interface TrialOrder {
  readonly config: Readonly<Record<string, number | string | boolean>>
  readonly seed: number
  readonly without?: readonly string[] | undefined
  /** What it has reported so far, where it goes on. */
  readonly metrics: Metrics
  readonly best: number | null
}

type Result = Pick<Extract<FromWorker, { kind: 'result' }>, 'outcome' | 'metrics' | 'components' | 'error'>

const outcomes = { stop: 'pruned', pause: 'paused', preempt: 'preempted' } as const

/** Longest text of a log line or an error that is sent, and longest name of a metric. */
const longest = 10_000
const longestName = 200

/** Runs it to its end, however that may be: what goes wrong in it is told by the result. */
export async function runTrial(order: TrialOrder, snapshot: Uint8Array | undefined, host: TrialHost): Promise<Result> {
  const { stop, runtime, threads, clock, send } = host
  const met = new Set<string>()
  let reported = order.metrics
  const environment: Environment = {
    ...{ runtime, threads, clock, seed: order.seed, signal: stop.signal },
    checkpoints: remoteCheckpoints(snapshot, send),
    observer: {
      async report(step, metrics) {
        checkMetrics(metrics)
        reported = { ...reported, ...metrics }
        const verdict = await host.report(step, metrics)
        if (verdict !== 'go' && !stop.signal.aborted) stop.abort(new TrialStop(verdict))
      },
      curve() {},
      log: (level, text) => send({ kind: 'log', level, text: text.slice(0, longest) }),
      progress() {},
    },
  }
  const facts = () => (met.size > 0 ? { components: [...met] } : {})
  try {
    // What a file checks of its own end is about the config it has, not about those of a search.
    const { check: _, ...unchecked } = await host.training()
    const note = (text: string) => environment.observer.log('info', text)
    const kept = keepData(order.without ? ablated(unchecked, order.without, { met, note }) : unchecked)
    const { metrics, trained, learned } = await runTraining(kept.training, order.config, environment)
    checkMetrics(metrics)
    const all = { ...reported, ...metrics }
    const [objective] = objectivesOf(unchecked)
    if (objective && isBest(all, order.best, objective)) {
      const { name } = unchecked
      const made = (unchecked as WithFiles)[filesOf]?.(order.config)
      const files = made
        ? Object.fromEntries(made)
        : modelFiles({ name, seed: order.seed, config: order.config, metrics: all, trained, learned, data: kept.train() })
      for (const [name, bytes] of Object.entries(files)) send({ kind: 'model', name }, bytes)
    }
    return { outcome: 'finished', metrics: all, ...facts() }
  } catch (error) {
    const { reason } = stop.signal
    if (reason instanceof TrialStop && isBecauseOf(error, reason))
      return { outcome: outcomes[reason.verdict], metrics: reported, ...facts() }
    const { code, message } = explain(error)
    return {
      ...{ outcome: 'failed', metrics: reported, ...facts() },
      error: { message: message.slice(0, longest), ...(code !== undefined && { code }) },
    }
  }
}

/** Whether it is that error, or one that somebody made of it. */
function isBecauseOf(error: unknown, reason: Error): boolean {
  for (let depth = 0, one = error; depth < 10 && one instanceof Error; depth++, one = one.cause) if (one === reason) return true
  return false
}

/** What a training function gives is not checked by its types where it is written in JavaScript. @throws BAD_OPTION */
function checkMetrics(metrics: Metrics): void {
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value !== 'number') throw fail('BAD_OPTION', 'metrics', name, value, 'a number')
    if (name.length > longestName) throw fail('BAD_OPTION', 'metrics', 'name', name, `at most ${longestName} letters`)
  }
}

function isBest(metrics: Metrics, best: number | null, followed: Followed): boolean {
  const value = metrics[followed.metric]
  return value !== undefined && isBetter(value, best, followed)
}

/** Snapshots travel to the driver, which keeps the newest. */
function remoteCheckpoints(snapshot: Uint8Array | undefined, send: TrialHost['send']): Checkpoints {
  let last = snapshot && 'the one it began with'
  return {
    get last() {
      return last
    },
    async latest() {
      return snapshot && decodeSnapshot(snapshot)
    },
    async save(taken, best) {
      const step = taken.position.updates
      send({ kind: 'checkpoint', step, best }, encodeSnapshot(taken))
      last = `checkpoint ${step}`
    },
  }
}
