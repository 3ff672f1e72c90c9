/**
 * What the driver of a study and its workers say to each other. A worker pulls: it says it is ready, gets a trial, reports, and
 * is ready again when that has ended. The reply to a report carries what is to become of the trial. Each worker waits for at most
 * one reply, so replies need no numbers.
 */
import * as v from 'valibot'
import { fail } from '../core/errors.ts'
import type { Json } from '../core/json.ts'

const whole = v.pipe(v.number(), v.integer(), v.minValue(0))
/** NaN is a number here: it is what a metric may be. */
const anyNumber = v.custom<number>((input) => typeof input === 'number', 'not a number')
const metrics = v.record(v.pipe(v.string(), v.maxLength(200)), anyNumber)
const config = v.record(v.string(), v.union([anyNumber, v.string(), v.boolean()]))
const text = v.pipe(v.string(), v.maxLength(20_000))
/** Which trial, and which try at it: what an earlier try still says is not listened to. */
const about = { trial: whole, attempt: whole }

const fromWorker = v.variant('kind', [
  v.strictObject({ kind: v.literal('ready') }),
  /** It was asked to go: it wants no other trial, and one that it does not get to is not lost by its fault. */
  v.strictObject({ kind: v.literal('leave') }),
  v.strictObject({ kind: v.literal('report'), ...about, step: v.pipe(v.number(), v.integer()), metrics }),
  /** Bytes beside it: a snapshot of training. */
  v.strictObject({ kind: v.literal('checkpoint'), ...about, step: whole, best: v.boolean() }),
  /** Bytes beside it: a file of the model that the trial made. */
  v.strictObject({ kind: v.literal('model'), ...about, name: v.pipe(v.string(), v.regex(/^[A-Za-z][\w-]{0,50}(\.\w{1,20})?$/)) }),
  v.strictObject({ kind: v.literal('log'), ...about, level: v.picklist(['info', 'warn']), text }),
  v.strictObject({
    kind: v.literal('result'),
    ...about,
    outcome: v.picklist(['finished', 'pruned', 'paused', 'preempted', 'failed']),
    metrics,
    /** Of an ablation: the user's own components that it met. */
    components: v.optional(v.array(v.pipe(v.string(), v.maxLength(200)))),
    error: v.optional(v.strictObject({ code: v.optional(v.string()), message: text })),
  }),
])

const fromDriver = v.variant('kind', [
  /** Bytes beside it: the snapshot to go on from. */
  v.strictObject({
    kind: v.literal('trial'),
    ...about,
    config,
    seed: whole,
    /** What it has reported so far, where it goes on. */
    metrics,
    without: v.optional(v.array(v.string())),
    /** The best value of the first objective so far: the model of a trial that ends with a better one is wanted. NaN: none is. */
    best: v.nullable(anyNumber),
  }),
  v.strictObject({ kind: v.literal('verdict'), verdict: v.picklist(['go', 'stop', 'pause', 'preempt']) }),
  /** Unasked: the trial is to end now, with a checkpoint. */
  v.strictObject({ kind: v.literal('preempt'), ...about }),
])

export type FromWorker = Readonly<v.InferOutput<typeof fromWorker>>
export type FromDriver = Readonly<v.InferOutput<typeof fromDriver>>

/** @throws PROTOCOL naming what does not fit */
export function readFromWorker(body: Json): FromWorker {
  return read(fromWorker, body)
}

/** @throws PROTOCOL naming what does not fit */
export function readFromDriver(body: Json): FromDriver {
  return read(fromDriver, body)
}

const longestProblem = 300

function read<S extends typeof fromWorker | typeof fromDriver>(schema: S, body: Json): v.InferOutput<S> {
  const parsed = v.safeParse(schema, body)
  if (parsed.success) return parsed.output as v.InferOutput<S>
  const [issue] = parsed.issues
  // The message may hold all that was sent.
  throw fail('PROTOCOL', `${v.getDotPath(issue as v.BaseIssue<unknown>) ?? 'it'}: ${issue?.message}`.slice(0, longestProblem))
}
