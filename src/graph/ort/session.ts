/** Loading onnxruntime-node, and its sessions by its public interface. */
import type Ort from 'onnxruntime-node'
import { failBecause, messageOf } from '../../core/errors.ts'

export type OrtModule = typeof Ort

/** A session over the bytes of any ONNX model; also used to run models that others made. */
export async function createSession(ort: OrtModule, model: Uint8Array, threads: number, profile?: string): Promise<Ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, sessionOptions(threads, profile))
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

export function sessionOptions(threads: number, profile: string | undefined): Ort.InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // Else it carries our dequantized bytes through reshapes by quantizing them again, and back.
    extra: { session: { disable_quant_qdq: '1' } },
    ...(profile !== undefined && { enableProfiling: true, profileFilePrefix: profile }),
  }
}
