/**
 * Errors are a catalogue: a code, a sentence that says what was wrong and with which value, and what to do.
 *
 * Wrong arguments to `fail` do not compile. Each code has its paragraph in `docs/reference/errors.md`; a test ties the
 * two both ways. A `TuttiError` is a user's or an environment's mistake: it is shown as one sentence, never as a stack.
 */
import * as ablation from './errors/ablation.ts'
import * as cli from './errors/cli.ts'
import * as cluster from './errors/cluster.ts'
import * as data from './errors/data.ts'
import * as estimator from './errors/estimator.ts'
import * as general from './errors/general.ts'
import * as graph from './errors/graph.ts'
import * as linear from './errors/linear.ts'
import * as net from './errors/net.ts'
import * as ray from './errors/ray.ts'
import * as run from './errors/run.ts'
import * as store from './errors/store.ts'
import * as study from './errors/study.ts'
import * as train from './errors/train.ts'

export const catalogue = {
  ...general.errors,
  ...graph.errors,
  ...data.errors,
  ...store.errors,
  ...train.errors,
  ...estimator.errors,
  ...linear.errors,
  ...run.errors,
  ...study.errors,
  ...net.errors,
  ...cluster.errors,
  ...ray.errors,
  ...ablation.errors,
  ...cli.errors,
} as const

export type ErrorCode = keyof typeof catalogue
export type ErrorArgs<C extends ErrorCode> = Parameters<(typeof catalogue)[C]>

export class TuttiError extends Error {
  override readonly name = 'TuttiError'
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * Builds the error of the catalogue; the caller throws it, so that the compiler sees the control flow.
 *
 * @example
 * ```ts
 * throw fail('SHAPE_MISMATCH', "layer 'logits'", '[batch, 64]', '[batch, 128]')
 * ```
 */
export function fail<C extends ErrorCode>(code: C, ...args: ErrorArgs<C>): TuttiError {
  const sentence = catalogue[code] as (...args: unknown[]) => string
  return new TuttiError(code, sentence(...args))
}

/** The same, keeping the error that caused it. */
export function failBecause<C extends ErrorCode>(cause: unknown, code: C, ...args: ErrorArgs<C>): TuttiError {
  const sentence = catalogue[code] as (...args: unknown[]) => string
  return new TuttiError(code, sentence(...args), { cause })
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
