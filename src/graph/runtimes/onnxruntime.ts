import { realClock } from '../../core/clock.ts'
import { failBecause, messageOf } from '../../core/errors.ts'
import type { Tensor } from '../../tensor/index.ts'
import { toOnnx } from '../onnx/compile.ts'
import { blockSize } from '../ort/block.ts'
import { type OrtSession, openNative, wrapPublic } from '../ort/native.ts'
import { createSession, load, type OrtModule, sessionOptions } from '../ort/session.ts'
import { fromOrt, TensorCache } from '../ort/tensors.ts'
import type { Runtime } from '../runtime.ts'

export interface OnnxruntimeOptions {
  /** Default true: sessions without the library's JavaScript wrapper, where its build is the one that is known. */
  readonly native?: boolean
}

/** ONNX Runtime's native build for Node: MLAS kernels with AVX2, AVX-512 or NEON. */
export function onnxruntime({ native = true }: OnnxruntimeOptions = {}): Runtime {
  return {
    name: 'onnxruntime',
    version: async () => `onnxruntime-node ${(await load()).env.versions.node}`,
    async compile(graph, { threads = 1, profile } = {}) {
      const ort = await load()
      const started = realClock.elapsed()
      const model = toOnnx(graph, { target: 'onnxruntime', block: await blockSize(ort) })
      const session = await openSession(ort, model, threads, profile, native)
      const tensors = new TensorCache(ort, graph)
      const names = Object.keys(graph.outputs)
      return {
        compileTime: realClock.elapsed() - started,
        async run(feeds, into) {
          const fed = tensors.inputs(feeds)
          const fetches = tensors.outputs(into)
          const results = await session.run(fed, fetches).catch(failed)
          const outputs: Record<string, Tensor> = {}
          for (const name of names) outputs[name] = into?.[name] ?? fromOrt(results[name]!)
          return outputs
        },
        release: () => session.release(),
      }
    },
  }
}

async function openSession(
  ort: OrtModule,
  model: Uint8Array,
  threads: number,
  profile: string | undefined,
  native: boolean,
): Promise<OrtSession> {
  try {
    const opened = native ? openNative(model, sessionOptions(threads, profile)) : undefined
    if (opened) return opened
  } catch (error) {
    return failed(error)
  }
  return wrapPublic(await createSession(ort, model, threads, profile), profile !== undefined)
}

function failed(error: unknown): never {
  throw failBecause(error, 'RUNTIME_FAILED', 'onnxruntime', messageOf(error))
}
