/** What a model has learnt: its parameters and buffers in flat memory, tied to the data's types it was traced with. */
import { fail } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import type { Dataset, Field } from '../data/index.ts'
import { ops, type TensorType, type Value } from '../graph/index.ts'
import { initialize, inputsOf, type Model, type Traced, traceModel } from '../nn/index.ts'
import type { Parameters } from '../tensor/index.ts'

export interface Variables {
  readonly model: Model
  /** The fields of the data the model reads, by column. */
  readonly fields: Readonly<Record<string, Field>>
  readonly params: Parameters
  readonly states: Parameters
}

/** A model traced over the columns of a dataset as they are stored, with what decodes them. */
export interface TracedOnData extends Traced {
  /** The columns as the batches hold them. */
  readonly columns: Readonly<Record<string, Value>>
}

/** Symbolic number of examples in a batch. */
export const BATCH = 'batch'

/** Type of a column in a batch, as stored. */
export function columnType({ dtype, shape }: Field): TensorType {
  return { dtype, shape: [BATCH, ...shape] }
}

/** Fields of the columns that the model reads. */
export function inputFields(data: Dataset): Record<string, Field> {
  return Object.fromEntries(data.inputs.map((name) => [name, data.fields[name] as Field]))
}

/** Traces the model; bytes become floats inside the graph, so batches stay small until they are there. */
export function traceOnData(model: Model, fields: Readonly<Record<string, Field>>, training: boolean): TracedOnData {
  const columns = inputsOf(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, columnType(field)])))
  const decoded = Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, decode(value, fields[name] as Field)]))
  return { ...traceModel(model, decoded, { training }), columns }
}

/** stored * scale + offset; integers without a scale stay integers (labels, tokens). */
export function decode(stored: Value, { dtype, scale, offset }: Field): Value {
  if (dtype !== 'uint8' && !isScaled({ scale, offset })) return stored
  const factor = scale ?? 1
  let value = dtype === 'uint8' && factor !== 1 ? ops.dequantize(stored, factor) : ops.mul(ops.cast(stored, 'float32'), factor)
  if (offset !== undefined && offset !== 0) value = ops.add(value, offset)
  return value
}

/** Whether the stored numbers stand for others. */
export function isScaled({ scale, offset }: Pick<Field, 'scale' | 'offset'>): boolean {
  return scale !== undefined || offset !== undefined
}

/**
 * How many classes labels choose among: whole numbers, one for each row of several outputs. Undefined for other targets: a
 * single output is a logit or a number, and a target of the outputs' own shape is compared with them one to one.
 */
export function classesOf(target: Field, output: Value): number | undefined {
  const classes = output.shape.at(-1)
  const whole = (target.dtype === 'int32' || target.dtype === 'uint8') && !isScaled(target)
  const aligned = target.shape.join() === output.shape.slice(1, -1).join()
  return whole && aligned && typeof classes === 'number' && classes > 1 ? classes : undefined
}

/** A model's first numbers, drawn by the parameters' names. */
export function createVariables(model: Model, data: Dataset, random: Random): Variables {
  const fields = inputFields(data)
  const traced = traceOnData(model, fields, true)
  return { model, fields, params: initialize(traced.params, random), states: initialize(traced.states, random) }
}

/**
 * Refuses labels the model has no output for, and values that are not numbers, before anything is trained. A table was
 * checked when it was made, and classes that are named need no look at each label.
 */
export async function checkExamples(data: Dataset, limit: number | undefined): Promise<void> {
  if (data.length === 0) throw fail('DATA_EMPTY', data.name)
  if (data.length === undefined) return
  const inTable = 'columns' in data
  const watched = Object.entries(data.fields).filter(([name, { dtype, classes }]) => {
    if (name === data.target && limit !== undefined) return (classes?.length ?? Number.POSITIVE_INFINITY) > limit
    return dtype === 'float32' && !inTable
  })
  if (watched.length === 0) return
  let row = 0
  for await (const batch of data.batches({ batchSize: Math.min(data.length, 4096) })) {
    for (const [name, { dtype, shape }] of watched) {
      const values = batch.columns[name]!.data as Float32Array
      const width = shape.reduce((a, b) => a * b, 1)
      const bad = values.findIndex(dtype === 'float32' ? (v) => !Number.isFinite(v) : (v) => v < 0 || v >= (limit as number))
      if (bad < 0) continue
      const where = row + Math.floor(bad / width)
      if (dtype === 'float32') throw fail('DATA_NOT_FINITE', data.name, name, where, values[bad] as number)
      throw fail('LABEL_RANGE', data.name, name, where, values[bad] as number, limit as number)
    }
    row += batch.size
  }
}

/** Whether all numbers are finite: 0 times anything else is NaN. */
export function allFinite(values: Float32Array): boolean {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) * 0
  return sum === 0
}
