/**
 * The native session inside onnxruntime-node, without its wrapper: the wrapper waits a turn of the event loop before every run
 * and copies the lists of feeds and fetches, which together cost as much as ten small operators. This is no public interface,
 * so the version is pinned and anything unexpected means: use the public one.
 */
import { createRequire } from 'node:module'
import type Ort from 'onnxruntime-node'
import { realClock } from '../../core/clock.ts'

export type OrtFeeds = Readonly<Record<string, Ort.Tensor>>
export type OrtFetches = Readonly<Record<string, Ort.Tensor | null>>

/** One way of running a session, whichever interface is underneath. */
export interface OrtSession {
  run(feeds: OrtFeeds, fetches: OrtFetches): Promise<Readonly<Record<string, Ort.Tensor>>>
  release(): Promise<void>
}

interface NativeSession {
  loadModel(model: ArrayBufferLike, offset: number, length: number, options: object): void
  run(feeds: OrtFeeds, fetches: OrtFetches, options: object): Record<string, Ort.Tensor>
  endProfiling(): void
  dispose(): void
}

interface Binding {
  readonly binding: { readonly InferenceSession?: new () => NativeSession }
  readonly initOrt?: () => void
}

/** Longest the event loop is kept from its other work: a signal, a timer, a reader. */
const LONGEST_HOLD = 10

/** The session of a model, or undefined where the library is not built as this file knows it. */
export function openNative(model: Uint8Array, options: Ort.InferenceSession.SessionOptions): OrtSession | undefined {
  const library = loadBinding()
  if (!library?.binding.InferenceSession || !library.initOrt) return undefined
  library.initOrt()
  const session = new library.binding.InferenceSession()
  if (typeof session.loadModel !== 'function' || typeof session.run !== 'function') return undefined
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, options)
  let breathed = realClock.elapsed()
  return {
    async run(feeds, fetches) {
      if (realClock.elapsed() - breathed > LONGEST_HOLD) {
        await new Promise(setImmediate)
        breathed = realClock.elapsed()
      }
      return freed(session.run(feeds, fetches, {}), fetches)
    },
    async release() {
      if (options.enableProfiling) session.endProfiling()
      session.dispose()
    },
  }
}

/**
 * The library writes an output into the tensor it was given, and returns a copy besides. The copies' memory is given back at
 * once: left to the garbage collector, a model's worth a step is collected every few steps, which costs more than the step's
 * smaller operators together.
 */
function freed(results: Readonly<Record<string, Ort.Tensor>>, fetches: OrtFetches): Readonly<Record<string, Ort.Tensor>> {
  const kept: Record<string, Ort.Tensor> = {}
  for (const name in results) {
    const given = fetches[name]
    const result = results[name] as Ort.Tensor
    kept[name] = given ?? result
    if (!given) continue
    const copy = (result.data as Float32Array).buffer as ArrayBuffer
    if (copy !== (given.data as Float32Array).buffer) copy.transfer(0)
  }
  return kept
}

function loadBinding(): Binding | undefined {
  try {
    return createRequire(import.meta.url)('onnxruntime-node/dist/binding.js') as Binding
  } catch {
    return undefined
  }
}

/** The same by the public interface. */
export function wrapPublic(session: Ort.InferenceSession, profiling: boolean): OrtSession {
  return {
    run: (feeds, fetches) => session.run(feeds, fetches),
    async release() {
      if (profiling) session.endProfiling()
      await session.release()
    },
  }
}
