/** Running a model without training it: outputs, metrics, and the graph that is exported and served. */
import { fail } from '../core/errors.ts'
import { build } from '../core/registry.ts'
import type { Dataset, Field } from '../data/index.ts'
import { type Executable, type Graph, graphOf, optimize, type Runtime } from '../graph/index.ts'
import { inputsOf, traceModel } from '../nn/index.ts'
import { isFloat, type Tensor, viewsOf } from '../tensor/index.ts'
import type { Metrics } from './environment.ts'
import type { Metric } from './metric.ts'
import { addToConfusion, type ConfusionTable, confusionTable } from './metrics/confusion.ts'
import * as metrics from './metrics/index.ts'
import { BATCH, isScaled, traceOnData, type Variables } from './variables.ts'

metrics satisfies Record<string, (options?: never) => Pick<Metric, 'kind'>>

/** A metric by name, in JSON form, or made. */
export type MetricSpec = keyof typeof metrics | { readonly kind: keyof typeof metrics } | Metric

export interface EvaluateOptions {
  /** Examples at a time; larger batches gain little and cost memory. Default 256. */
  readonly batchSize?: number
}

export interface Evaluator {
  /** The outputs of one batch's columns. */
  predict(columns: Readonly<Record<string, Tensor>>): Promise<Tensor>
  evaluate(data: Dataset, wanted: readonly MetricSpec[], options?: EvaluateOptions): Promise<Metrics>
  /** How often each class was taken for each other. */
  confusion(data: Dataset, options?: EvaluateOptions): Promise<ConfusionTable>
  close(): Promise<void>
}

/** Compiles a model for evaluation; it reads the variables' memory at each run, so it always sees the latest. */
export async function createEvaluator(variables: Variables, runtime: Runtime, threads: number): Promise<Evaluator> {
  const traced = traceOnData(variables.model, variables.fields, false)
  const graph = graphOf('evaluate', { output: traced.output }, Object.values(traced.columns))
  const executable: Executable = await runtime.compile(optimize(graph), { threads })
  const weights = { ...viewsOf(variables.params), ...viewsOf(variables.states) }
  const predict = async (columns: Readonly<Record<string, Tensor>>) => (await executable.run({ ...weights, ...columns })).output as Tensor
  async function* judged(data: Dataset, { batchSize = 256 }: EvaluateOptions = {}): AsyncGenerator<{ output: Tensor; target: Tensor }> {
    const { target } = data
    if (target === undefined) throw fail('NO_TARGET', data.name)
    if (data.length === 0) throw fail('DATA_EMPTY', data.name)
    for await (const { columns } of data.batches({ batchSize })) {
      yield {
        output: await predict(pick(columns, Object.keys(variables.fields))),
        target: logical(columns[target] as Tensor, data.fields[target] as Field),
      }
    }
  }
  return {
    predict,
    async evaluate(data, wanted, options) {
      const folds = wanted.map((spec) => toMetric(spec)).map((metric) => ({ metric, state: metric.init() }))
      for await (const { output, target } of judged(data, options)) for (const { metric, state } of folds) metric.add(state, output, target)
      return Object.fromEntries(folds.map(({ metric, state }) => [metric.kind, metric.finish(state)]))
    },
    async confusion(data, options) {
      const matrix = { classes: 0, counts: new Float64Array(0) }
      for await (const { output, target } of judged(data, options)) addToConfusion('confusion', matrix, output, target)
      return confusionTable(matrix, data.fields[data.target as string]?.classes)
    },
    close: () => executable.release(),
  }
}

export function toMetric(spec: MetricSpec): Metric {
  if (typeof spec === 'object' && 'finish' in spec) return spec
  return build<Metric>('metric', metrics, typeof spec === 'string' ? { kind: spec } : spec)
}

/** The graph that is exported: logical inputs (bytes already turned to floats), outputs as the model gives them. */
export function inferenceGraph(variables: Variables, name: string): Graph {
  const types = Object.fromEntries(
    Object.entries(variables.fields).map(([column, field]) => [column, { dtype: logicalDtype(field), shape: [BATCH, ...field.shape] }]),
  )
  const inputs = inputsOf(types)
  const traced = traceModel(variables.model, inputs, { training: false })
  return optimize(graphOf(name, { output: traced.output }, Object.values(inputs)))
}

/** What a field is to the model, whatever it is stored as. */
export function logicalDtype({ dtype, scale, offset }: Field): Field['dtype'] {
  return isFloat(dtype) || dtype === 'uint8' || scale !== undefined || offset !== undefined ? 'float32' : dtype
}

/** Targets as metrics compare them with outputs: bytes with a scale as the numbers they stand for. */
function logical(stored: Tensor, field: Field): Tensor {
  if (!isScaled(field)) return stored
  const { scale = 1, offset = 0 } = field
  return { dtype: 'float32', shape: stored.shape, data: Float32Array.from(stored.data as Uint8Array, (v) => v * scale + offset) }
}

function pick<T>(from: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(keys.map((key) => [key, from[key] as T]))
}
