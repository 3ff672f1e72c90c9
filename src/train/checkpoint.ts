/**
 * A snapshot is all that training needs to go on as if nothing had happened: numbers (safetensors) and position (JSON in
 * the same file's header, so that the two are written in one atomic move and cannot disagree).
 */
import * as v from 'valibot'
import { fail, messageOf, TuttiError } from '../core/errors.ts'
import { type Layout, layoutDifferences, layoutOf, type Parameters, safetensors, type Tensor, viewsOf, zeros } from '../tensor/index.ts'

/** Where training stands. All counts begin at 0 and count what is done. */
export interface Position {
  /** Which `fit` of the training function, and whether it is over. */
  readonly fit: number
  readonly finished: boolean
  readonly epoch: number
  /** Batches of the current epoch. */
  readonly batch: number
  /** Batches and optimizer updates of this fit. */
  readonly batches: number
  readonly updates: number
  /** Sums over the current epoch so far. */
  readonly lossSum: number
  readonly examples: number
  /** Best value of the objective so far and epochs without a better one. */
  readonly best: number | null
  readonly stale: number
  /** What must be the same to go on: kind of optimizer, seed, batch size, ... */
  readonly conditions: Readonly<Record<string, string | number | boolean>>
}

export interface Snapshot {
  readonly position: Position
  /** Parameters, buffers, optimizer state, gradients so far; by part. */
  readonly parts: Readonly<Record<string, Parameters>>
}

/** Where snapshots are kept. A mode says where; `train` only when. */
export interface Checkpoints {
  latest(): Promise<Snapshot | undefined>
  /** `best` says that the objective was never better. */
  save(snapshot: Snapshot, best: boolean): Promise<void>
  /** How the last one is called, for people. */
  readonly last: string | undefined
}

const FORMAT = 1

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const positionSchema = v.strictObject({
  format: v.literal(FORMAT),
  fit: count,
  finished: v.boolean(),
  epoch: count,
  batch: count,
  batches: count,
  updates: count,
  lossSum: v.number(),
  examples: count,
  best: v.nullable(v.number()),
  stale: count,
  conditions: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
})

export function encodeSnapshot({ position, parts }: Snapshot): Uint8Array {
  const tensors: Record<string, Tensor> = {}
  for (const [part, parameters] of Object.entries(parts)) {
    for (const [name, view] of Object.entries(viewsOf(parameters))) tensors[`${part}/${name}`] = view
  }
  return safetensors.encode(tensors, { tutti: JSON.stringify({ format: FORMAT, ...position }) })
}

/** @throws CHECKPOINT_CORRUPT for what is not a snapshot, FILE_CORRUPT for what is no safetensors file */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const { tensors, metadata } = safetensors.decode(bytes, 'The checkpoint')
  const { format: _format, ...position } = parsePosition(metadata.tutti)
  const byPart = new Map<string, [string, Tensor][]>()
  for (const [key, value] of Object.entries(tensors)) {
    const slash = key.indexOf('/')
    if (slash < 1 || value.dtype !== 'float32') throw fail('CHECKPOINT_CORRUPT', `it holds '${key}', which no snapshot does`)
    const part = key.slice(0, slash)
    byPart.set(part, [...(byPart.get(part) ?? []), [key.slice(slash + 1), value]])
  }
  const parts = Object.fromEntries(
    [...byPart].map(([part, entries]) => {
      const parameters = zeros(layoutOf(entries.map(([name, { shape }]) => [name, shape])))
      const views = viewsOf(parameters)
      for (const [name, { data }] of entries) views[name]?.data.set(data as Float32Array)
      return [part, parameters]
    }),
  )
  return { position, parts }
}

function parsePosition(text: string | undefined) {
  try {
    return v.parse(positionSchema, JSON.parse(text ?? 'null'))
  } catch (error) {
    if (error instanceof TuttiError) throw error
    throw fail('CHECKPOINT_CORRUPT', `its position is not valid (${messageOf(error)})`)
  }
}

/** Copies saved numbers into memory of a layout. @throws RESUME_CHANGED naming what differs */
export function restoreInto(what: string, saved: Parameters | undefined, into: Parameters): void {
  const empty: Layout = { entries: [], length: 0 }
  const differences = layoutDifferences(saved?.layout ?? empty, into.layout)
  if (differences.length > 0) throw fail('RESUME_CHANGED', what, differences)
  if (!saved) return
  const [from, to] = [viewsOf(saved), viewsOf(into)]
  for (const [name, view] of Object.entries(to)) view.data.set(from[name]!.data)
}
