/**
 * What the farm of a search that shares its work and its workers say to each other. A worker pulls: it says it is ready, gets one
 * task, and is ready again when it has answered. A task's number is its own: what is tried again has another.
 */
import * as v from 'valibot'
import { fail } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'

const whole = v.pipe(v.number(), v.integer(), v.minValue(0))
/** NaN is a number here: it is what a metric may be. */
const anyNumber = v.custom<number>((input) => typeof input === 'number', 'not a number')
const metrics = v.record(v.pipe(v.string(), v.maxLength(200)), anyNumber)
const config = v.record(v.string(), v.union([anyNumber, v.string(), v.boolean()]))
const failure = v.strictObject({ code: v.optional(v.string()), message: v.pipe(v.string(), v.maxLength(20_000)) })
const name = v.pipe(v.string(), v.regex(/^[A-Za-z][\w-]{0,50}(\.\w{1,20})?$/))

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

const fromWorker = v.variant('kind', [
  v.strictObject({ kind: v.literal('ready') }),
  /** Which configurations of a plan belong together. Members count in the plan's order, and each is in one group or has failed. */
  v.strictObject({
    kind: v.literal('planned'),
    task: whole,
    groups: v.array(
      v.strictObject({
        members: v.pipe(v.array(whole), v.minLength(1)),
        /** Of each member, a hash of its estimator's parameters. */
        keys: v.array(hash),
        folds: v.pipe(whole, v.minValue(1)),
        /** Of the data's bytes and of all that the members have in common: what it answers holds as long as this is the same. */
        hash,
      }),
    ),
    failed: v.array(v.strictObject({ member: whole, error: failure })),
  }),
  v.strictObject({ kind: v.literal('progress'), task: whole, done: whole, total: whole }),
  /** Bytes beside it: a file of the model of the unit's best member. They come before the answer. */
  v.strictObject({ kind: v.literal('model'), task: whole, member: whole, name }),
  v.strictObject({
    kind: v.literal('answer'),
    task: whole,
    /** In the order of the unit's configurations. */
    answers: v.array(v.union([v.strictObject({ metrics }), v.strictObject({ error: failure })])),
  }),
])

const fromFarm = v.variant('kind', [
  /** Loads the data of a configuration while others plan. */
  v.strictObject({ kind: v.literal('prepare'), config }),
  v.strictObject({ kind: v.literal('plan'), task: whole, configs: v.array(config) }),
  /** The metrics of each of these configurations in one fold. */
  v.strictObject({
    kind: v.literal('unit'),
    task: whole,
    configs: v.pipe(v.array(config), v.minLength(1)),
    fold: whole,
    seed: whole,
    threads: v.pipe(whole, v.minValue(1)),
    /** The model of the best member is wanted, if it is no worse than the best so far. */
    keep: v.optional(v.strictObject({ metric: v.string(), direction: v.picklist(['maximize', 'minimize']), best: v.nullable(anyNumber) })),
  }),
])

export type FromWorker = Readonly<v.InferOutput<typeof fromWorker>>
export type FromFarm = Readonly<v.InferOutput<typeof fromFarm>>
export type Answer = Extract<FromWorker, { kind: 'answer' }>['answers'][number]
export type Failure = v.InferOutput<typeof failure>

/** @throws PROTOCOL naming what does not fit */
export function readFromWorker(body: Json): FromWorker {
  return read(fromWorker, body)
}

/** @throws PROTOCOL naming what does not fit */
export function readFromFarm(body: Json): FromFarm {
  return read(fromFarm, body)
}

const kept = v.strictObject({
  version: v.literal(1),
  hash: v.string(),
  fold: whole,
  seed: whole,
  answers: v.array(v.tuple([v.string(), metrics])),
})
/** A finished unit as an artifact: what was measured of each of its configurations. */
export type Kept = v.InferOutput<typeof kept>

/** Undefined where it is none. */
export function readKept(body: Json): Kept | undefined {
  const parsed = v.safeParse(kept, body)
  return parsed.success ? parsed.output : undefined
}

function read<S extends typeof fromWorker | typeof fromFarm>(schema: S, body: Json): v.InferOutput<S> {
  const parsed = v.safeParse(schema, body)
  if (parsed.success) return parsed.output as v.InferOutput<S>
  const [issue] = parsed.issues
  // The message may hold all that was sent.
  throw fail('PROTOCOL', `${v.getDotPath(issue as v.BaseIssue<unknown>) ?? 'it'}: ${issue?.message}`.slice(0, 300))
}
