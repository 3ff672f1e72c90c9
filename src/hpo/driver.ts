/**
 * The driver of a study: hands out trials to whatever workers come, listens to them, and writes down all that happens before it
 * answers. It owns the store; workers know nothing of it.
 */
import type { Clock } from '../core/clock.ts'
import { fail, messageOf } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { modelKeeper, snapshots } from './keep.ts'
import type { TrialEntry } from './ledger.ts'
import type { StudyLog } from './log.ts'
import { createOutbox } from './outbox.ts'
import { type FromDriver, type FromWorker, readFromWorker } from './protocol.ts'
import { type DriverWorker, failure, openSession, type Result, type Session, type TrialLimits, takingTurns, troubleOf } from './session.ts'
import type { Study } from './study.ts'

export interface DriverOptions extends TrialLimits {
  readonly study: Study
  readonly log: StudyLog
  readonly clock: Clock
  /**
   * Why one more trial may not begin now, if so: 'for memory'. Asked with what workers with a trial held when they were last looked at,
   * and with the free worker.
   */
  readonly admit?: (held: readonly Holding[], own: Holding) => string | undefined
  /** Milliseconds after which no more is begun, and what runs is preempted. */
  readonly timeout?: number
  /** Why there are fewer workers than were asked for, in words that follow "waiting". */
  readonly short?: () => string | undefined
  /** Of a trial that has ended; the study shows it. */
  readonly onEnd?: (trial: TrialEntry, components: readonly string[]) => void
}

export type { DriverWorker } from './session.ts'

/** What a worker holds, in bytes, where that is known, and where it lives. */
export type Holding = Pick<DriverWorker, 'memory' | 'node' | 'free'>

export interface WorkerState {
  readonly worker: Pick<DriverWorker, 'node'>
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
  /** How many workers could have something to do. */
  most(): number
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
const late = `it kept no checkpoint within ${grace / 1000} s`

/** Longest reason of a lost worker that is kept: workers may say anything. */
const longestReason = 2000

export function createDriver(options: DriverOptions): Driver {
  const { study, log, clock, admit, timeout, onEnd } = options
  const { ledger } = study
  const sessions = new Map<number, Session>()
  const { promise: done, resolve, reject } = Promise.withResolvers<DriverEnd>()
  done.catch(() => undefined)
  const started = clock.elapsed()
  let stopping: string | undefined
  let stoppedAt = 0
  let over = false
  /** Why there was nothing to do when a free worker last asked. */
  let exhausted: string | undefined

  /** Those that asked for a trial and have none. */
  const idle = new Set<Session>()
  let busy = 0
  const assign = (session: Session, trial: TrialEntry | undefined) => {
    busy += (trial ? 1 : 0) - (session.trial ? 1 : 0)
    session.trial = trial
    session.since = clock.elapsed()
    session.silent = 0
  }

  // --- answering ---

  const send = ({ worker }: Session, message: FromDriver, bytes?: Uint8Array) => worker.connection.send(message as unknown as Json, bytes)

  /** The study cannot go on: its sampler is wrong, or its disk is full. What happened until now is kept where that is possible. */
  const abort = (error: unknown) => {
    // Also at its very end something may turn out not to be written.
    if (over) return reject(error)
    over = true
    timer.stop()
    try {
      for (const { trial } of sessions.values()) if (trial) study.giveBack(trial, 'preempted', 'the study could not go on')
    } catch {
      // What is wrong is told already.
    }
    void outbox.settle().then(() => reject(error))
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

  const turns = takingTurns(abort, () => finishIfOver())
  const { inTurn } = turns

  // --- handing out ---

  let waiting: string | undefined
  const wait = (own: string | undefined) => {
    const reason = own ?? options.short?.()
    if (reason === waiting) return
    waiting = reason
    study.emit({ kind: 'waiting', reason: reason ?? null })
    answer(() => {})
  }

  const holding = ({ memory, worker: { node, free } }: Session): Holding => ({ memory, node, free })
  const held = () => [...sessions.values()].flatMap((session) => (session.trial ? [holding(session)] : []))

  /** Gives work to those who have none, until there is none for now. */
  const handOut = () => {
    exhausted = undefined
    if (!over && stopping === undefined) guard(serveIdle)
    finishIfOver()
  }

  const serveIdle = () => {
    let reason: string | undefined
    for (const session of idle) {
      const why = busy > 0 ? admit?.(held(), holding(session)) : undefined
      if (why !== undefined) {
        reason = why
        continue
      }
      const next = study.next(session.worker.rank)
      if (next.kind === 'trial') {
        begin(session, next.trial)
        continue
      }
      if (next.kind === 'wait' && busy > 0) reason = next.reason
      // Where nothing runs, nothing will ever end what it waits for.
      else exhausted = next.reason
      break
    }
    wait(reason)
  }

  const snapshotOf = snapshots(log)

  const begin = (session: Session, trial: TrialEntry) => {
    idle.delete(session)
    assign(session, trial)
    const attempt = trial.attempts.length - 1
    session.attempt = attempt
    session.model.clear()
    const { config, seed, without, number, parent, metrics } = trial
    // Nobody is better than NaN: of a plan, no model is kept.
    const best = study.planned ? Number.NaN : (ledger.best?.values?.[0] ?? null)
    const about = { kind: 'trial', trial: number, attempt } as const
    const message: FromDriver = { ...about, config, seed, metrics, best, ...(without && { without: [...without] }) }
    if (attempt === 0 && parent === undefined) {
      answer(() => send(session, message))
      return
    }
    const snapshot = snapshotOf(number, parent)
    inTurn(session, async () => {
      const bytes = await snapshot
      answer(() => send(session, message, bytes))
    })
  }

  const finishIfOver = () => {
    if (over || busy > 0 || turns.pending > 0) return
    const reason = stopping ?? exhausted
    if (reason === undefined) return
    guard(() => {
      if (stopping === undefined) study.closePaused()
      study.emit({ kind: 'close', reason })
      over = true
      timer.stop()
      void cleanUp()
        .then(outbox.settle)
        .then(() => resolve({ reason, stopped: stopping !== undefined }))
        .catch(reject)
    })
  }

  /** Checkpoints of trials that were closed at the very end, or whose driver was killed before it could drop them. */
  const cleanUp = async () => {
    for (const { number, ended } of ledger.entries) if (ended !== undefined) await log.dropCheckpoints(number)
  }

  // --- listening ---

  const receive = (session: Session, body: Json, bytes: Uint8Array | undefined) => {
    if (over || session.expelled) return
    let message: FromWorker
    try {
      message = readFromWorker(body)
    } catch (error) {
      expel(session, messageOf(error))
      return
    }
    // What need not wait for the disk is dealt with at once, unless something before it does.
    if (session.queued > 0) inTurn(session, () => hear(session, message, bytes))
    else {
      const work = guard(() => hear(session, message, bytes))
      if (work) inTurn(session, () => work)
    }
  }

  const hear = (session: Session, message: FromWorker, bytes: Uint8Array | undefined): Promise<void> | undefined => {
    if (over || session.gone) return undefined
    const { trial } = session
    if (message.kind === 'ready') {
      if (session.expelled || session.leaving) return undefined
      if (trial) return void expel(session, fail('PROTOCOL', 'it is ready while it has a trial').message)
      idle.add(session)
      session.since = clock.elapsed()
      handOut()
      return undefined
    }
    if (message.kind === 'leave') {
      session.leaving = true
      idle.delete(session)
      return undefined
    }
    if (!trial || trial.number !== message.trial || session.attempt !== message.attempt) {
      // An earlier try at a trial that somebody else has by now.
      if (message.kind === 'report') answer(() => send(session, { kind: 'verdict', verdict: 'stop' }))
      return undefined
    }
    switch (message.kind) {
      case 'report': {
        session.silent = 0
        const verdict = study.report(trial, message.step, message.metrics)
        answer(() => send(session, { kind: 'verdict', verdict: stopping === undefined || verdict !== 'go' ? verdict : 'preempt' }))
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

  const conclude = async (session: Session, trial: TrialEntry, result: Result) => {
    const { outcome, metrics, error, components = [] } = result
    if ((outcome === 'pruned' && trial.verdict !== 'stop') || (outcome === 'paused' && trial.verdict !== 'pause'))
      return expel(session, fail('PROTOCOL', `trial ${trial.number} was told to ${trial.verdict} and is '${outcome}'`).message)
    const end = () => {
      if (over) return false
      assign(session, undefined)
      if (outcome === 'finished' || outcome === 'pruned') study.end(trial, outcome, metrics)
      else if (outcome === 'paused') study.pause(trial)
      else if (outcome === 'preempted') study.giveBack(trial, 'preempted', stopping ?? 'its worker was asked to go')
      else study.fail(trial, failure(error))
      return true
    }
    if (outcome === 'finished' && session.model.size > 0) await keepModel(trial, metrics, session.model, end)
    else end()
    await ended(trial, components)
    handOut()
  }

  const keepModel = modelKeeper(study, log)

  /** What is to be done when a trial may have ended. */
  const ended = async (trial: TrialEntry, components: readonly string[] = []) => {
    answer(() => {})
    if (trial.ended === undefined || over) return
    await log.dropCheckpoints(trial.number)
    onEnd?.(trial, components)
  }

  // --- what may happen to workers ---

  /** Its trial is somebody else's from when it is lost. */
  const expel = (session: Session, reason: string) => {
    session.expelled = true
    idle.delete(session)
    session.worker.kill(reason.slice(0, longestReason))
  }

  const lose = async (session: Session, reason: string) => {
    session.expelled = session.gone = true
    if (sessions.get(session.worker.rank) === session) sessions.delete(session.worker.rank)
    idle.delete(session)
    const { trial } = session
    assign(session, undefined)
    if (over) return
    if (trial) {
      const why = session.leaving || stopping !== undefined ? 'preempted' : 'lost'
      study.giveBack(trial, why, reason.slice(0, longestReason))
      await ended(trial)
    }
    handOut()
  }

  const take = (session: Session) => {
    const { trial } = session
    assign(session, undefined)
    if (trial) inTurn(session, () => ended(trial))
  }

  let looked = started
  const look = () => {
    const now = clock.elapsed()
    // A driver that was itself stopped or busy for a while did not hear its workers meanwhile.
    const passed = Math.min(now - looked, 2 * lookEvery)
    looked = now
    if (timeout !== undefined && now - started >= timeout) driver.stop(`the time is over (${timeout / 1000} s)`)
    for (const session of sessions.values()) {
      const { trial, worker } = session
      session.memory = worker.memory
      session.silent += passed
      // What it said last is still being dealt with.
      if (!trial || session.queued > 0) continue
      const trouble = troubleOf(session, options)
      if (trouble) {
        take(session)
        study.fail(trial, { code: trouble.code, message: trouble.message })
        expel(session, trouble.message)
      } else if (stopping !== undefined && now - stoppedAt > grace) {
        take(session)
        study.giveBack(trial, 'preempted', late)
        expel(session, late)
      }
    }
    // Memory may have become free, and what is written must not wait for the next message to be forced to the disk.
    if (waiting !== undefined) handOut()
    if (outbox.due) answer(() => {})
  }
  const timer = clock.every(lookEvery, () => guard(look))

  const driver: Driver = {
    attach(worker) {
      const session = openSession(worker, clock)
      sessions.set(worker.rank, session)
      worker.connection.onMessage(({ body, bytes }) => receive(session, body, bytes))
      // After what it said before.
      void worker.lost.then((reason) => inTurn(session, () => lose(session, reason)))
    },
    stop(reason) {
      if (over || stopping !== undefined) return
      stopping = reason
      stoppedAt = clock.elapsed()
      for (const session of sessions.values()) {
        const { trial, attempt } = session
        // After the trial itself, which may still be on its way.
        if (trial) inTurn(session, () => answer(() => send(session, { kind: 'preempt', trial: trial.number, attempt })))
      }
      finishIfOver()
    },
    done,
    get workers() {
      return sessions
    },
    most() {
      const { finished, pruned, failed, lost } = ledger.counts
      return (study.wanted ?? Number.POSITIVE_INFINITY) - finished - pruned - failed - lost
    },
    get waiting() {
      return waiting
    },
  }
  return driver
}
