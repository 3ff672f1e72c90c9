/** What runs a compiled graph. */
import { fail } from '../core/errors.ts'
import { describe, type Tensor } from '../tensor/index.ts'
import { matchShape } from './dim.ts'
import type { Graph } from './graph.ts'
import { typeName } from './op.ts'

export type Feeds = Readonly<Record<string, Tensor>>

export interface Executable {
  /**
   * Computes the outputs. Tensors given in `into` are written to instead of new ones; they must not be inputs too.
   *
   * @throws FEED_MISSING, FEED_MISMATCH before anything runs
   */
  run(feeds: Feeds, into?: Feeds): Promise<Record<string, Tensor>>
  /** Milliseconds it took to compile. */
  readonly compileTime: number
  release(): Promise<void>
}

export interface CompileOptions {
  /** Threads of one operator; default 1. */
  readonly threads?: number
  /** Writes an operator profile beside this path, where the runtime can. */
  readonly profile?: string
}

/** Compiles graphs. A runtime is a function that returns this. */
export interface Runtime {
  readonly name: string
  /** 'onnxruntime-node 1.30.0'. */
  version(): Promise<string>
  compile(graph: Graph, options?: CompileOptions): Promise<Executable>
}

/** Checks feeds against the graph's inputs and reads off the symbolic dimensions. */
export function bindFeeds(graph: Graph, feeds: Feeds): Record<string, number> {
  const bindings: Record<string, number> = {}
  for (const [name, type] of Object.entries(graph.inputs)) {
    const fed = feeds[name]
    if (!fed) throw fail('FEED_MISSING', name, Object.keys(graph.inputs))
    if (fed.dtype !== type.dtype || !matchShape(type.shape, fed.shape, bindings))
      throw fail('FEED_MISMATCH', name, describe(fed), typeName(type))
  }
  return bindings
}
