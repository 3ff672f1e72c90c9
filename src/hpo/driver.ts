/**
 * The driver of a study: hands out trials to whatever workers come, listens to them, and writes down all that happens before it
 * answers. It owns the store; workers know nothing of it.
 */
import type { Clock } from '../core/clock.ts'
import { fail, messageOf } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { Connection } from '../net/index.ts'
import type { TrialEntry } from './ledger.ts'
import type { StudyLog } from './log.ts'
import { createOutbox } from './outbox.ts'
import { type FromDriver, type FromWorker, readFromWorker } from './protocol.ts'
import type { Study } from './study.ts'

/** A worker as the driver needs it: a part of the cluster's. */
export interface DriverWorker {
  readonly rank: number
  readonly connection: Connection
  readonly title: string
  readonly lost: Promise<string>
  readonly memory: number | undefined
  kill(reason: string): void
}

export interface DriverOptions {
  readonly study: Study
  readonly log: StudyLog
  readonly clock: Clock
  /**
   * Why one more trial may not begin now, if so: 'for memory'. Asked with the bytes that workers with a trial held when they were
   * last looked at, and what the free worker holds.
   */
  readonly admit?: (held: readonly (number | undefined)[], own: number | undefined) => string | undefined
  /** Bytes that a worker may hold while it has a trial. */
  readonly memoryLimit?: number
  /** Milliseconds without a report after which a trial has failed. */
  readonly reportTimeout?: number
  /** Milliseconds after which no more is begun, and what runs is preempted. */
  readonly timeout?: number
  /** Of a trial that has ended; the study shows it. */
  readonly onEnd?: (trial: TrialEntry, components: readonly string[]) => void
}

export interface WorkerState {
  readonly trial: TrialEntry | undefined
  /** On the clock's `elapsed`. */
  readonly since: number
}

export interface Driver {
  /** A worker has come. */
  attach(worker: DriverWorker): void
  /** Ends early: what runs is preempted, with a checkpoint, and goes on when the study does. */
  stop(reason: string): void
  /** Resolves when nothing runs any more and nothing is left to do, with why; rejects when the study cannot go on. */
  readonly done: Promise<DriverEnd>
  readonly workers: ReadonlyMap<number, WorkerState>
  /** What it waits for, in words that follow "waiting". */
  readonly waiting: string | undefined
}

export interface DriverEnd {
  readonly reason: string
  /** Whether it ended by `stop`. */
  readonly stopped: boolean
}

/** How often memory, silence and the time are looked at. Milliseconds. */
const lookEvery = 500
/** How long a trial has to keep a checkpoint when the study ends early. Milliseconds. */
const grace = 10_000

/** What one worker is doing. */
interface Session {
  readonly worker: DriverWorker
  trial: TrialEntry | undefined
  attempt: number
  since: number
  /** Last report or begin, on the clock's `elapsed`. */
  heard: number
  /** Bytes, as last looked at. */
  memory: number | undefined
  readonly model: Map<string, Uint8Array>
  /** Messages are dealt with one after another, also where one has to wait for the disk. */
  queue: Promise<void>
  queued: number
  gone: boolean
}

export function createDriver(options: DriverOptions): Driver {
  const { study, log, clock, admit = () => undefined, memoryLimit, reportTimeout, timeout, onEnd } = options
  const { ledger } = study
  const sessions = new Map<number, Session>()
  const { promise: done, resolve, reject } = Promise.withResolvers<DriverEnd>()
  const started = clock.elapsed()
  let stopping: string | undefined
  let stoppedAt = 0
  let over = false
  let exhausted: string | undefined

  /** Those that asked for a trial and have none. */
  const idle = new Set<Session>()
  let busy = 0
  const assign = (session: Session, trial: TrialEntry | undefined) => {
    busy += (trial ? 1 : 0) - (session.trial ? 1 : 0)
    session.trial = trial
    session.since = session.heard = clock.elapsed()
  }

  // --- answering ---

  const send = ({ worker }: Session, message: FromDriver, bytes?: Uint8Array) => worker.connection.send(message as unknown as Json, bytes)

  /** The study cannot go on: its sampler is wrong, or its disk is full. */
  const abort = (error: unknown) => {
    if (over) return
    over = true
    timer.stop()
    reject(error)
  }
  const outbox = createOutbox(log, clock, abort)
  const answer = outbox.after
  const guard = <T>(use: () => T): T | undefined => {
    try {
      return use()
    } catch (error) {
      abort(error)
      return undefined
    }
  }

  // --- handing out ---

  let waiting: string | undefined
  const wait = (reason: string | undefined) => {
    if (reason === waiting) return
    waiting = reason
    study.emit({ kind: 'waiting', reason: reason ?? null })
    answer(() => {})
  }

  const held = () => [...sessions.values()].flatMap(({ trial, memory }) => (trial ? [memory] : []))

  /** Gives work to those who have none, until there is none for now. */
  const handOut = () => {
    if (over) return
    for (const session of idle) {
      if (stopping !== undefined) break
      const full = busy > 0 ? admit(held(), session.memory) : undefined
      if (full !== undefined) {
        wait(full)
        break
      }
      const next = guard(() => study.next(session.worker.rank))
      if (!next) return
      if (next.kind === 'trial') {
        exhausted = undefined
        wait(undefined)
        begin(session, next.trial)
        continue
      }
      wait(next.kind === 'wait' && busy > 0 ? next.reason : undefined)
      // Where nothing runs, nothing will ever end what it waits for.
      if (next.kind === 'done' || busy === 0) exhausted = next.reason
      break
    }
    finishIfOver()
  }

  const begin = (session: Session, trial: TrialEntry) => {
    const attempt = trial.attempts.length - 1
    idle.delete(session)
    assign(session, trial)
    session.attempt = attempt
    session.model.clear()
    const { config, seed, without, number } = trial
    // Nobody is better than NaN: of a plan, no model is kept.
    const best = study.planned ? Number.NaN : (ledger.best?.values?.[0] ?? null)
    const message: FromDriver = { kind: 'trial', trial: number, attempt, config, seed, best, ...(without && { without: [...without] }) }
    const source = attempt > 0 ? number : trial.parent
    if (source === undefined) {
      answer(() => send(session, message))
      return
    }
    inTurn(session, async () => {
      const bytes = await log.readCheckpoint(source)
      answer(() => send(session, message, bytes))
    })
  }

  const finishIfOver = () => {
    if (over || busy > 0) return
    if (stopping === undefined && exhausted === undefined) return
    if (sessions.values().some(({ queued }) => queued > 0)) return
    over = true
    timer.stop()
    if (stopping === undefined) study.closePaused()
    study.emit({ kind: 'close', reason: stopping ?? (exhausted as string) })
    const end = { reason: stopping ?? (exhausted as string), stopped: stopping !== undefined }
    void cleanUp()
      .then(outbox.settle)
      .then(() => resolve(end), reject)
  }

  /** Checkpoints of trials that were closed at the very end. */
  const cleanUp = async () => {
    for (const { number, state, ended } of ledger.entries) if (ended !== undefined && state === 'pruned') await log.dropCheckpoints(number)
  }

  // --- listening ---

  const inTurn = (session: Session, work: () => Promise<void> | void) => {
    session.queued++
    const worked = session.queue.then(work)
    session.queue = worked
      .catch((error) => abort(error))
      .then(() => {
        session.queued--
        if (session.queued === 0 && (stopping !== undefined || exhausted !== undefined)) finishIfOver()
      })
  }

  const hear = (session: Session, message: FromWorker, bytes: Uint8Array | undefined): Promise<void> | undefined => {
    if (over || session.gone) return undefined
    if (message.kind === 'ready') {
      idle.add(session)
      session.since = clock.elapsed()
      handOut()
      return undefined
    }
    const { trial } = session
    if (!trial || trial.number !== message.trial || session.attempt !== message.attempt) {
      // An earlier try at a trial that somebody else has by now.
      if (message.kind === 'report') answer(() => send(session, { kind: 'verdict', verdict: 'stop' }))
      return undefined
    }
    switch (message.kind) {
      case 'report': {
        session.heard = clock.elapsed()
        const verdict = guard(() => study.report(trial, message.step, message.metrics))
        if (verdict === undefined) return undefined
        answer(() => send(session, { kind: 'verdict', verdict: stopping === undefined || verdict === 'stop' ? verdict : 'preempt' }))
        if (verdict !== 'go' || waiting !== undefined) handOut()
        return undefined
      }
      case 'checkpoint':
        return bytes && log.saveCheckpoint(trial.number, bytes, message.step)
      case 'model':
        if (bytes) session.model.set(message.name, bytes)
        return undefined
      case 'log':
        log.log(message.level, `trial ${trial.number}: ${message.text}`)
        return undefined
      case 'result':
        return conclude(session, trial, message)
      default:
        return message satisfies never
    }
  }

  const conclude = async (session: Session, trial: TrialEntry, result: Extract<FromWorker, { kind: 'result' }>) => {
    const { outcome, metrics, error, components = [] } = result
    const before = ledger.best
    const model = session.model.size > 0 ? new Map(session.model) : undefined
    session.model.clear()
    assign(session, undefined)
    guard(() => {
      if (outcome === 'finished' || outcome === 'pruned') study.end(trial, outcome, metrics)
      else if (outcome === 'paused') study.pause(trial)
      else if (outcome === 'preempted') study.giveBack(trial, 'preempted', stopping ?? 'its worker was asked to go')
      else study.fail(trial, failure(error))
    })
    // The model goes with the trial: it is written before the result is.
    if (model && ledger.best === trial && before !== trial) {
      await log.saveModel(trial.number, model)
      study.emit({ kind: 'model', trial: trial.number })
    }
    await ended(trial, components)
    if (stopping === undefined) handOut()
    else finishIfOver()
  }

  const ended = async (trial: TrialEntry, components: readonly string[] = []) => {
    answer(() => {})
    if (trial.ended === undefined) return
    const dropped = log.dropCheckpoints(trial.number)
    if (dropped) await dropped
    guard(() => onEnd?.(trial, components))
  }

  // --- what may happen to workers ---

  const lose = (session: Session, reason: string) => {
    session.gone = true
    if (sessions.get(session.worker.rank) === session) sessions.delete(session.worker.rank)
    idle.delete(session)
    const { trial } = session
    assign(session, undefined)
    if (over) return
    if (trial) {
      guard(() => study.giveBack(trial, stopping === undefined ? 'lost' : 'preempted', reason))
      void ended(trial)
    }
    if (stopping === undefined) handOut()
    else finishIfOver()
  }

  const look = () => {
    const now = clock.elapsed()
    if (timeout !== undefined && now - started >= timeout) driver.stop(`the time is over (${timeout / 1000} s)`)
    for (const session of [...sessions.values()]) {
      const { trial, worker } = session
      session.memory = worker.memory
      if (!trial) continue
      if (stopping !== undefined && now - stoppedAt > grace) {
        assign(session, undefined)
        guard(() => study.giveBack(trial, 'preempted', `it kept no checkpoint within ${grace / 1000} s`))
        worker.kill('it did not stop when it was asked to')
        finishIfOver()
        continue
      }
      const { memory } = session
      const big = memoryLimit !== undefined && memory !== undefined && memory > memoryLimit
      const silent = reportTimeout !== undefined && now - session.heard > reportTimeout
      if (!big && !silent) continue
      const error = big
        ? fail('TRIAL_MEMORY', trial.number, memory, memoryLimit)
        : fail('TRIAL_SILENT', trial.number, (reportTimeout as number) / 1000)
      assign(session, undefined)
      guard(() => study.fail(trial, { code: error.code, message: error.message }))
      void ended(trial)
      worker.kill(error.message)
    }
    // Memory may have become free, and what is written must not wait for the next message to be forced to the disk.
    if (waiting !== undefined) handOut()
    if (outbox.due) answer(() => {})
  }
  const timer = clock.every(lookEvery, look)

  const driver: Driver = {
    attach(worker) {
      const fresh = { trial: undefined, attempt: 0, memory: undefined, model: new Map(), queue: Promise.resolve(), queued: 0, gone: false }
      const session: Session = { worker, since: clock.elapsed(), heard: clock.elapsed(), ...fresh }
      sessions.set(worker.rank, session)
      worker.connection.onMessage(({ body, bytes }) => {
        let message: FromWorker
        try {
          message = readFromWorker(body)
        } catch (error) {
          worker.kill(messageOf(error))
          return
        }
        // What need not wait for the disk is dealt with at once, unless something before it does.
        if (session.queued > 0) inTurn(session, () => hear(session, message, bytes))
        else {
          const work = guard(() => hear(session, message, bytes))
          if (work) inTurn(session, () => work)
        }
      })
      void worker.lost.then((reason) => lose(session, reason))
    },
    stop(reason) {
      if (over || stopping !== undefined) return
      stopping = reason
      stoppedAt = clock.elapsed()
      for (const session of sessions.values()) {
        const { trial, attempt } = session
        if (trial) send(session, { kind: 'preempt', trial: trial.number, attempt })
      }
      finishIfOver()
    },
    done,
    get workers() {
      return sessions
    },
    get waiting() {
      return waiting
    },
  }
  return driver
}

function failure(error: { code?: string | undefined; message: string } | undefined): { code?: string; message: string } {
  if (!error) return { message: 'The worker did not say why.' }
  return { message: error.message, ...(error.code !== undefined && { code: error.code }) }
}
