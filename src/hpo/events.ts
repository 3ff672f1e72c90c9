/**
 * The log of a study: everything that happened, in the order it happened. It is all that is kept; what a study is at any moment
 * follows from it, so a study goes on where its log ends, and can be replayed.
 */
import * as v from 'valibot'
import type { Json } from '../core/json.ts'
import type { Dimensions } from '../space/index.ts'
import type { StudySettings } from './settings.ts'

const whole = v.pipe(v.number(), v.integer(), v.minValue(0))
/** NaN is a number here: it is what a metric may be. */
const anyNumber = v.custom<number>((input) => typeof input === 'number', 'not a number')
const values = v.record(v.string(), v.union([anyNumber, v.string(), v.boolean()]))
const metrics = v.record(v.string(), anyNumber)
const failure = v.object({ code: v.optional(v.string()), message: v.string() })
const spec = v.looseObject({ kind: v.string() })

const settings = v.looseObject({
  objectives: v.array(v.object({ metric: v.string(), direction: v.picklist(['maximize', 'minimize']) })),
  space: v.custom<Dimensions>((input) => typeof input === 'object' && input !== null),
  defaults: values,
  sampler: spec,
  pruner: spec,
  seed: whole,
  wanted: v.object({ trials: v.optional(whole), timeout: v.optional(v.number()) }),
  workers: whole,
  engine: v.string(),
})

const kinds = {
  /** A driver begins, with these settings from now on. */
  open: v.object({ settings }),
  /** A point that is to be tried before those of the sampler. */
  enqueue: v.object({ assignment: values }),
  /** What an older study found: told to the sampler, and no trial of this one. */
  warm: v.object({ config: values, values: v.array(v.number()) }),
  /** A trial is made. */
  ask: v.object({
    trial: whole,
    assignment: values,
    seed: whole,
    origin: v.picklist(['sampler', 'enqueued', 'pruner', 'plan']),
    parent: v.optional(whole),
    without: v.optional(v.array(v.string())),
  }),
  /** A worker gets it, for the first time or again. */
  start: v.object({ trial: whole, worker: whole, attempt: whole }),
  report: v.object({ trial: whole, step: v.pipe(v.number(), v.integer()), metrics, verdict: v.picklist(['go', 'stop', 'pause']) }),
  /** It waits to be promoted. */
  pause: v.object({ trial: whole }),
  /** Its worker died or was taken away, or it failed and may try again: it goes on with another. */
  return: v.object({ trial: whole, why: v.picklist(['lost', 'preempted', 'failed']), reason: v.string() }),
  end: v.object({
    trial: whole,
    state: v.picklist(['pruned', 'finished', 'failed', 'lost']),
    metrics,
    error: v.optional(failure),
  }),
  /** What the driver waits for; null when it no longer does. */
  waiting: v.object({ reason: v.nullable(v.string()) }),
  /** Of an ablation: components of the user's own that a trial met. */
  met: v.object({ components: v.array(v.string()) }),
  /** Of which trial the model is that the study keeps. */
  model: v.object({ trial: whole }),
  /** Trials share their work: they only wait for what is measured for many at once. */
  shared: v.object({}),
  /** The driver ends. */
  close: v.object({ reason: v.string() }),
} as const

type Kinds = typeof kinds
export type StudyEventKind = keyof Kinds
type Body<K extends StudyEventKind> = K extends 'open' ? { readonly settings: StudySettings } : Readonly<v.InferOutput<Kinds[K]>>
export type StudyEventOf<K extends StudyEventKind> = { readonly [P in K]: { readonly kind: P } & Body<P> }[K]
export type StudyEvent = StudyEventOf<StudyEventKind>

/** An event as the store has it, checked; undefined for events of other kinds, which a later version may write. @throws STUDY_CORRUPT's reason as an Error */
export function parseEvent(kind: string, data: Json): StudyEvent | undefined {
  if (!Object.hasOwn(kinds, kind)) return undefined
  return { kind, ...v.parse(kinds[kind as StudyEventKind] as Kinds['pause'], data) } as unknown as StudyEvent
}
