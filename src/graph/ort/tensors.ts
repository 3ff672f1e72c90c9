import type Ort from 'onnxruntime-node'
import { fail } from '../../core/errors.ts'
import { type DType, describe, type Tensor } from '../../tensor/index.ts'
import { matchShape } from '../dim.ts'
import type { Graph } from '../graph.ts'
import { typeName } from '../op.ts'
import type { Feeds } from '../runtime.ts'
import type { OrtFeeds, OrtFetches } from './native.ts'
import type { OrtModule } from './session.ts'

/** A list of tensors as it was last wrapped, to see which of them are others now. */
interface Wrapped {
  readonly tensors: (Tensor | undefined)[]
  readonly ort: Record<string, Ort.Tensor>
}

/**
 * Wraps each tensor once: its memory is shared with the session, so the same wrapper serves every step; and a list of feeds
 * that a loop uses again is only looked through for what changed.
 */
export class TensorCache {
  readonly #ort: OrtModule
  readonly #graph: Graph
  readonly #inputs: readonly string[]
  readonly #outputs: readonly string[]
  readonly #wrapped = new WeakMap<Tensor, Ort.Tensor>()
  readonly #feeds = new WeakMap<Feeds, Wrapped>()
  readonly #fetches = new WeakMap<Feeds, OrtFetches>()
  readonly #everything: OrtFetches

  constructor(ort: OrtModule, graph: Graph) {
    this.#ort = ort
    this.#graph = graph
    this.#inputs = Object.keys(graph.inputs)
    this.#outputs = Object.keys(graph.outputs)
    this.#everything = Object.fromEntries(this.#outputs.map((name) => [name, null]))
  }

  inputs(feeds: Feeds): OrtFeeds {
    let known = this.#feeds.get(feeds)
    if (!known) this.#feeds.set(feeds, (known = { tensors: [], ort: {} }))
    for (let i = 0; i < this.#inputs.length; i++) {
      const name = this.#inputs[i] as string
      const value = feeds[name]
      if (value === known.tensors[i] && value !== undefined) continue
      if (!value) throw fail('FEED_MISSING', name, this.#inputs)
      known.ort[name] = this.#wrapped.get(value) ?? this.#checked(name, value)
      known.tensors[i] = value
    }
    return known.ort
  }

  /** The given tensors to write to, null for those to be made. The list must not change while it is in use. */
  outputs(into: Feeds | undefined): OrtFetches {
    if (!into) return this.#everything
    let known = this.#fetches.get(into)
    if (!known) {
      known = Object.fromEntries(
        this.#outputs.map((name) => {
          const value = into[name]
          return [name, value ? (this.#wrapped.get(value) ?? this.#wrap(value)) : null]
        }),
      )
      this.#fetches.set(into, known)
    }
    return known
  }

  #checked(name: string, value: Tensor): Ort.Tensor {
    const type = this.#graph.inputs[name]
    if (type && (value.dtype !== type.dtype || !matchShape(type.shape, value.shape, {}))) {
      throw fail('FEED_MISMATCH', name, describe(value), typeName(type))
    }
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
