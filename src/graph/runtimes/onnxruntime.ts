import type Ort from 'onnxruntime-node'
import { realClock } from '../../core/clock.ts'
import { fail, failBecause, messageOf } from '../../core/errors.ts'
import { type DType, describe, type Tensor } from '../../tensor/index.ts'
import { matchShape } from '../dim.ts'
import type { Graph } from '../graph.ts'
import { toOnnx } from '../onnx/compile.ts'
import { encodeModel } from '../onnx/proto.ts'
import { typeName } from '../op.ts'
import type { Feeds, Runtime } from '../runtime.ts'

type OrtModule = typeof Ort

/** ONNX Runtime's native build for Node: MLAS kernels with AVX2, AVX-512 or NEON. */
export function onnxruntime(): Runtime {
  return {
    name: 'onnxruntime',
    version: async () => `onnxruntime-node ${(await load()).env.versions.node}`,
    async compile(graph, { threads = 1, profile } = {}) {
      const ort = await load()
      const started = realClock.elapsed()
      const session = await createSession(ort, toOnnx(graph, { target: 'onnxruntime', block: await blockSize(ort) }), threads, profile)
      const tensors = new TensorCache(ort, graph)
      const everything = Object.keys(graph.outputs)
      return {
        compileTime: realClock.elapsed() - started,
        async run(feeds, into) {
          const fed = tensors.inputs(feeds)
          const fetches = into ? tensors.outputs(into, everything) : everything
          const results = await session.run(fed, fetches).catch((error: unknown) => {
            throw failBecause(error, 'RUNTIME_FAILED', 'onnxruntime', messageOf(error))
          })
          const outputs: Record<string, Tensor> = {}
          for (const name of everything) outputs[name] = into?.[name] ?? fromOrt(results[name] as Ort.Tensor)
          return outputs
        },
        async release() {
          if (profile !== undefined) session.endProfiling()
          await session.release()
        },
      }
    },
  }
}

/** A session over the bytes of any ONNX model; also used to run models that others made. */
export async function createSession(ort: OrtModule, model: Uint8Array, threads: number, profile?: string): Promise<Ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      ...(profile !== undefined && { enableProfiling: true, profileFilePrefix: profile }),
    })
  } catch (error) {
    throw failBecause(error, 'RUNTIME_FAILED', 'onnxruntime', messageOf(error))
  }
}

let loading: Promise<OrtModule> | undefined
/** Loads the native library at first use: commands that compute nothing do not pay for it. */
export function load(): Promise<OrtModule> {
  loading ??= import('onnxruntime-node').then(
    (module) => module.default,
    (error: unknown) => {
      throw failBecause(error, 'RUNTIME_MISSING', 'onnxruntime', messageOf(error))
    },
  )
  return loading
}

let block: Promise<number> | undefined
/** How many channels lie together in this processor's NCHWc layout: seen by reordering a counted-up image. 0 where that fails. */
function blockSize(ort: OrtModule): Promise<number> {
  block ??= probe(ort).catch(() => 0)
  return block
}

async function probe(ort: OrtModule): Promise<number> {
  const [channels, area] = [64, 2]
  const type = { dtype: 'float32', shape: [1, channels, 1, area] } as const
  const model = encodeModel({
    graphName: 'block',
    producerVersion: '',
    opsets: { '': 20, 'com.microsoft.nchwc': 1 },
    nodes: [{ type: 'ReorderInput', domain: 'com.microsoft.nchwc', name: 'reorder', inputs: ['x'], outputs: ['y'], attrs: {} }],
    initializers: {},
    inputs: { x: type },
    outputs: { y: type },
    metadata: {},
  })
  const session = await createSession(ort, model, 1)
  const counted = Float32Array.from({ length: channels * area }, (_, i) => i)
  const { y } = await session.run({ x: new ort.Tensor('float32', counted, type.shape) })
  await session.release()
  // Channel 0's second pixel, 1, comes after the first pixel of every channel of its block.
  const found = (y!.data as Float32Array).indexOf(1)
  return found > 1 && channels % found === 0 ? found : 0
}

/** Wraps each tensor once: its memory is shared with the session, so the same wrapper serves every step. */
class TensorCache {
  readonly #ort: OrtModule
  readonly #graph: Graph
  readonly #names: readonly string[]
  readonly #wrapped = new WeakMap<Tensor, Ort.Tensor>()

  constructor(ort: OrtModule, graph: Graph) {
    this.#ort = ort
    this.#graph = graph
    this.#names = Object.keys(graph.inputs)
  }

  inputs(feeds: Feeds): Record<string, Ort.Tensor> {
    const fed: Record<string, Ort.Tensor> = {}
    for (const name of this.#names) {
      const value = feeds[name]
      if (!value) throw fail('FEED_MISSING', name, this.#names)
      fed[name] = this.#wrapped.get(value) ?? this.#checked(name, value)
    }
    return fed
  }

  outputs(into: Feeds, names: readonly string[]): Record<string, Ort.Tensor | null> {
    const fetches: Record<string, Ort.Tensor | null> = {}
    for (const name of names) {
      const value = into[name]
      fetches[name] = value ? (this.#wrapped.get(value) ?? this.#wrap(value)) : null
    }
    return fetches
  }

  #checked(name: string, value: Tensor): Ort.Tensor {
    const type = this.#graph.inputs[name]
    if (type && (value.dtype !== type.dtype || !matchShape(type.shape, value.shape, {})))
      throw fail('FEED_MISMATCH', name, describe(value), typeName(type))
    return this.#wrap(value)
  }

  #wrap(value: Tensor): Ort.Tensor {
    const wrapper = new this.#ort.Tensor(value.dtype as 'float32', value.data as Float32Array, value.shape)
    this.#wrapped.set(value, wrapper)
    return wrapper
  }
}

export function fromOrt(value: Ort.Tensor): Tensor {
  return { dtype: value.type as DType, shape: value.dims, data: value.data as Float32Array } as Tensor
}
