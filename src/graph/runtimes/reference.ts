import { realClock } from '../../core/clock.ts'
import { type DType, dtypes, isFloat, type Tensor } from '../../tensor/index.ts'
import { nodesOf } from '../graph.ts'
import type { Dense, Value } from '../op.ts'
import { inputName } from '../ops/input.ts'
import { bindFeeds, type Runtime } from '../runtime.ts'

export interface ReferenceOptions {
  /** Dtype of float outputs: 'float32' rounds as the others do, 'float64' keeps all digits (for finite differences). */
  readonly precision?: 'float32' | 'float64'
}

/** Plain TypeScript, one operator after another, floats in float64: slow, obviously right, the judge of the others. */
export function reference({ precision = 'float32' }: ReferenceOptions = {}): Runtime {
  return {
    name: 'reference',
    version: async () => 'built in',
    async compile(graph) {
      const started = realClock.elapsed()
      const order = nodesOf(Object.values(graph.outputs))
      return {
        compileTime: realClock.elapsed() - started,
        async run(feeds, into = {}) {
          const bindings = bindFeeds(graph, feeds)
          const values = new Map<Value, Dense>()
          for (const node of order) {
            const name = inputName(node.outputs[0] as Value)
            const inputs = node.inputs.map((value) => values.get(value) as Dense)
            const results = name === undefined ? node.op.reference(inputs, node, bindings) : [toDense(feeds[name] as Tensor)]
            node.outputs.forEach((value, i) => void values.set(value, results[i] as Dense))
          }
          return Object.fromEntries(
            Object.entries(graph.outputs).map(([key, value]) => [
              key,
              toTensor(values.get(value) as Dense, value.dtype, precision, into[key]),
            ]),
          )
        },
        release: async () => undefined,
      }
    },
  }
}

function toDense({ dtype, shape, data }: Tensor): Dense {
  if (isFloat(dtype)) return { shape, data: Float64Array.from(data as Float32Array) }
  if (dtype === 'int64') return { shape, data: Int32Array.from(data as BigInt64Array, Number) }
  return { shape, data: data as Int32Array }
}

function toTensor({ shape, data }: Dense, dtype: DType, precision: DType, into: Tensor | undefined): Tensor {
  if (into) {
    ;(into.data as Float64Array).set(data as Float64Array)
    return into
  }
  const stored = isFloat(dtype) && precision === 'float64' ? 'float64' : dtype
  const Store = dtypes[stored].array as Float64ArrayConstructor
  return { dtype: stored, shape, data: Store.from(data as Float64Array) } as Tensor
}
