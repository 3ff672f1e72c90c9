/** One worker as the driver of a study deals with it. */
import type { Clock } from '../core/clock.ts'
import { fail } from '../core/errors.ts'
import type { Connection } from '../net/index.ts'
import type { TrialEntry } from './ledger.ts'
import type { FromWorker } from './protocol.ts'

/** A worker as the driver needs it: a part of the cluster's. */
export interface DriverWorker {
  readonly rank: number
  readonly connection: Connection
  readonly title: string
  readonly lost: Promise<string>
  readonly memory: number | undefined
  /** The machine it lives on, and the bytes that are free there; absent where it is the driver's. */
  readonly node?: string | undefined
  readonly free?: number | undefined
  kill(reason: string): void
}

export interface Session {
  readonly worker: DriverWorker
  trial: TrialEntry | undefined
  attempt: number
  /** In this state or trial, on the clock's `elapsed`. */
  since: number
  /** Milliseconds since its last report, or since it began, in which it could have been heard. */
  silent: number
  /** Bytes, as last looked at. */
  memory: number | undefined
  /** Files of the model that its trial made. */
  readonly model: Map<string, Uint8Array>
  queue: Promise<void>
  queued: number
  /** It was asked to go. */
  leaving: boolean
  /** Nothing it says is listened to any more, and it gets nothing to do. */
  expelled: boolean
  gone: boolean
}

export function openSession(worker: DriverWorker, clock: Clock): Session {
  return {
    ...{ worker, trial: undefined, attempt: 0, since: clock.elapsed(), silent: 0, memory: undefined, model: new Map() },
    ...{ queue: Promise.resolve(), queued: 0, leaving: false, expelled: false, gone: false },
  }
}

/**
 * What has to wait for the disk is done one thing after another in each session; `rest` is called when nothing of any is left.
 */
export function takingTurns(failed: (error: unknown) => void, rest: () => void) {
  let pending = 0
  return {
    /** How much of all sessions waits or is being done. */
    get pending() {
      return pending
    },
    inTurn(session: Session, work: () => Promise<void> | void): void {
      session.queued++
      pending++
      session.queue = session.queue
        .then(work)
        .catch(failed)
        .then(() => {
          session.queued--
          pending--
          if (pending === 0) rest()
        })
    },
  }
}

export interface TrialLimits {
  /** Bytes that a worker may hold while it has a trial. */
  readonly memoryLimit?: number
  /** Milliseconds without a report after which a trial has failed. */
  readonly reportTimeout?: number
}

/** Why its trial has failed, if it has. */
export function troubleOf(
  { trial, memory, silent }: Session,
  { memoryLimit, reportTimeout }: TrialLimits,
): { readonly code: string; readonly message: string } | undefined {
  if (!trial) return undefined
  const big = memoryLimit !== undefined && memory !== undefined && memory > memoryLimit
  if (big) return fail('TRIAL_MEMORY', trial.number, memory, memoryLimit)
  return reportTimeout !== undefined && silent > reportTimeout ? fail('TRIAL_SILENT', trial.number, reportTimeout / 1000) : undefined
}

export type Result = Extract<FromWorker, { kind: 'result' }>

/** What its study is told of a trial that failed by itself. */
export function failure(error: Result['error']): { code?: string; message: string } {
  if (!error) return { message: 'The worker did not say why.' }
  return { message: error.message, ...(error.code !== undefined && { code: error.code }) }
}
