/** What a kept model takes and gives, as plain data: enough to use it without its training file or its data. */
import * as v from 'valibot'
import { fail, messageOf } from '../core/errors.ts'
import { version } from '../core/version.ts'
import type { Dataset, Encoding, Field } from '../data/index.ts'
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
})
const signatureSchema = v.object({
  format: v.literal(FORMAT),
  tutti: v.string(),
  name: v.string(),
  seed: v.number(),
  config: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
  metrics: v.record(v.string(), v.nullable(v.number())),
  inputs: v.pipe(v.array(inputSchema), v.minLength(1)),
  output: v.object({ name: v.string(), dtype, shape }),
  target: v.optional(v.object({ name: v.string(), dtype, shape, classes: v.optional(names) })),
  /** How the columns of a file become the inputs. */
  encoding: v.optional(v.custom<Encoding>((value) => typeof value === 'object' && value !== null && 'features' in value)),
})

export type Signature = v.InferOutput<typeof signatureSchema>
export type SignatureInput = Signature['inputs'][number]

export interface SignatureParts {
  readonly name: string
  readonly seed: number
  readonly config: Signature['config']
  readonly metrics: Metrics
  readonly graph: Graph
  readonly variables: Variables
  /** What it was trained on. */
  readonly data: Dataset
}

export function signatureOf({ name, seed, config, metrics, graph, variables, data }: SignatureParts): Signature {
  const output = graph.outputs.output
  if (!output) throw fail('INTERNAL', 'an inference graph has no output named output')
  const target = data.target === undefined ? undefined : { name: data.target, field: data.fields[data.target] as Field }
  return {
    format: FORMAT,
    tutti: version,
    name,
    seed,
    config,
    metrics,
    inputs: Object.entries(variables.fields).map(([name, field]) => ({
      name,
      dtype: logicalDtype(field),
      shape: ['batch', ...field.shape],
      ...(field.dtype !== logicalDtype(field) && { stored: { dtype: field.dtype, scale: field.scale ?? 1, offset: field.offset ?? 0 } }),
      ...(field.names && { names: [...field.names] }),
    })),
    output: { name: 'output', dtype: output.dtype, shape: output.shape.map((dim) => (typeof dim === 'number' ? dim : String(dim))) },
    ...(target && {
      target: {
        name: target.name,
        dtype: target.field.dtype,
        shape: ['batch', ...target.field.shape],
        ...(target.field.classes && { classes: [...target.field.classes] }),
      },
    }),
    ...(data.encoding && { encoding: data.encoding }),
  }
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
