import { realClock } from '../../core/clock.ts'
import { tensor } from '../../tensor/index.ts'
import { bindShape } from '../dim.ts'
import { toOnnx } from '../onnx/compile.ts'
import { bindFeeds, type Runtime } from '../runtime.ts'

/** Compiles to ONNX bytes, checks feeds, computes nothing: outputs are zeros. Measures the platform without the mathematics. */
export function nothing(): Runtime {
  return {
    name: 'null',
    version: async () => 'built in',
    async compile(graph) {
      const started = realClock.elapsed()
      toOnnx(graph, { target: 'onnxruntime' })
      return {
        compileTime: realClock.elapsed() - started,
        async run(feeds, into = {}) {
          const bindings = bindFeeds(graph, feeds)
          return Object.fromEntries(
            Object.entries(graph.outputs).map(([key, { dtype, shape }]) => [key, into[key] ?? tensor(dtype, bindShape(shape, bindings))]),
          )
        },
        release: async () => undefined,
      }
    },
  }
}
