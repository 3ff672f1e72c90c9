/** What a kept model takes and gives, as plain data: enough to use it without its training file or its data. */
import * as v from 'valibot'
import { fail, messageOf } from '../core/errors.ts'
import { version } from '../core/version.ts'
import type { Dataset, Encoding, Field } from '../data/index.ts'
import type { Predictor } from '../estimator/index.ts'
import type { Graph } from '../graph/index.ts'
import { logicalDtype, type Metrics, type Variables } from '../train/index.ts'

const FORMAT = 1

const dtype = v.picklist(['float32', 'float64', 'int32', 'int64', 'uint8', 'bool'])
const shape = v.array(v.union([v.number(), v.string()]))
const names = v.array(v.string())
const inputSchema = v.object({
  name: v.string(),
  /** What the model is fed. */
  dtype,
  shape,
  /** How the training data stored it: the model is fed `stored * scale + offset`. */
  stored: v.optional(v.object({ dtype, scale: v.number(), offset: v.number() })),
  /** Names of the features of a vector. */
  names: v.optional(names),
  /** Sizes of an example in the data, where the model takes its numbers in a row: a picture that an estimator learned from. */
  example: v.optional(v.array(v.number())),
})
const signatureSchema = v.object({
  format: v.literal(FORMAT),
  tutti: v.string(),
  name: v.string(),
  seed: v.number(),
  config: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
  metrics: v.record(v.string(), v.nullable(v.number())),
  inputs: v.pipe(v.array(inputSchema), v.minLength(1)),
  /** `gives` says what the outputs of an estimator are; those of a network are logits, or numbers. */
  output: v.object({ name: v.string(), dtype, shape, gives: v.optional(v.picklist(['probabilities', 'values'])) }),
  target: v.optional(v.object({ name: v.string(), dtype, shape, classes: v.optional(names) })),
  /** How the columns of a file become the inputs. */
  encoding: v.optional(v.custom<Encoding>((value) => typeof value === 'object' && value !== null && 'features' in value)),
  /** Of an estimator, whose one input holds all inputs of the data side by side, missing values as NaN. */
  estimator: v.optional(
    v.object({ name: v.string(), task: v.picklist(['classification', 'regression']), params: v.record(v.string(), v.unknown()) }),
  ),
})

export type Signature = v.InferOutput<typeof signatureSchema>
export type SignatureInput = Signature['inputs'][number]

interface Parts {
  readonly name: string
  readonly seed: number
  readonly config: Signature['config']
  readonly metrics: Metrics
  /** What it was trained on. */
  readonly data: Dataset
}

export interface SignatureParts extends Parts {
  readonly graph: Graph
  readonly variables: Variables
}

export function signatureOf({ graph, variables, ...parts }: SignatureParts): Signature {
  const output = graph.outputs.output
  if (!output) throw fail('INTERNAL', 'an inference graph has no output named output')
  const { data } = parts
  return {
    ...factsOf(parts),
    inputs: Object.entries(variables.fields).map(([name, field]) => ({
      name,
      dtype: logicalDtype(field),
      shape: ['batch', ...field.shape],
      ...storedOf(field),
      ...(field.names && { names: [...field.names] }),
    })),
    output: { name: 'output', dtype: output.dtype, shape: output.shape.map((dim) => (typeof dim === 'number' ? dim : String(dim))) },
    ...targetOf(data, data.fields[data.target ?? '']?.classes),
    ...(data.encoding && { encoding: data.encoding }),
  }
}

/** Of what an estimator learned: one input `x` of all features. */
export function signatureOfLearned({ predictor, ...parts }: Parts & { readonly predictor: Predictor }): Signature {
  const { data } = parts
  const { estimator, task, params, features, classes, width } = predictor
  const [only, ...others] = data.inputs.map((key) => data.fields[key] as Field)
  return {
    ...factsOf(parts),
    inputs: [
      {
        name: 'x',
        dtype: 'float32',
        shape: ['batch', features.length],
        ...(only && others.length === 0 && storedOf(only)),
        ...(only && others.length === 0 && only.shape.length > 1 && { example: [...only.shape] }),
        names: features.map(({ name }) => name),
      },
    ],
    output: { name: 'output', dtype: 'float32', shape: ['batch', width], gives: task === 'classification' ? 'probabilities' : 'values' },
    ...targetOf(data, classes),
    ...(data.encoding && { encoding: data.encoding }),
    estimator: { name: estimator, task, params },
  }
}

function factsOf({ name, seed, config, metrics }: Parts) {
  return { format: FORMAT, tutti: version, name, seed, config, metrics } as const
}

function storedOf(field: Field): Pick<SignatureInput, 'stored'> {
  if (field.dtype === logicalDtype(field)) return {}
  return { stored: { dtype: field.dtype, scale: field.scale ?? 1, offset: field.offset ?? 0 } }
}

function targetOf({ target, fields }: Dataset, classes: readonly string[] | undefined): Pick<Signature, 'target'> {
  if (target === undefined) return {}
  const { dtype, shape } = fields[target] as Field
  return { target: { name: target, dtype, shape: ['batch', ...shape], ...(classes && { classes: [...classes] }) } }
}

/** @throws FILE_CORRUPT */
export function parseSignature(text: string, file: string): Signature {
  try {
    return v.parse(signatureSchema, JSON.parse(text))
  } catch (error) {
    throw fail('FILE_CORRUPT', file, `its signature is not valid (${messageOf(error)})`)
  }
}

/** 'x: float32[batch, 1, 28, 28]'. */
export function describeInput({ name, dtype, shape }: SignatureInput): string {
  return `${name}: ${dtype}[${shape.join(', ')}]`
}
