import type { Tensor } from '../../tensor/index.ts'
import type { LongInts, LongWords } from './long.ts'

/** 'portable' uses standard operators only; 'onnxruntime' may use its com.microsoft ones, which are faster. */
export type Target = 'portable' | 'onnxruntime'

export type OnnxAttr =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: Tensor }
  | LongInts
  | LongWords

/** What an operator sees of the ONNX graph being written. */
export interface Emitter {
  readonly target: Target
  /** How many channels lie together in the runtime's own layout of images, NCHWc; 0: there is none, or it is not known. See blocked.ts. */
  readonly block: number
  /** Values that are at hand in that layout too, by name. */
  readonly blocked: Map<string, string>
  /** Whether anything reads a value: an operator may leave out outputs that nothing does, naming them ''. */
  isUsed(value: object): boolean
  /**
   * Adds a node and returns the names of its outputs. Whole numbers are INT attributes, `{ float }` FLOAT.
   *
   * @example `emit.node('Gemm', [a, b], { transA: 1, alpha: { float: 0.5 } })`
   */
  node(type: string, inputs: readonly string[], attrs?: Readonly<Record<string, OnnxAttr>>, options?: NodeOptions): string
  nodes(
    type: string,
    inputs: readonly string[],
    attrs: Readonly<Record<string, OnnxAttr>>,
    options: NodeOptions & { outputs: number },
  ): string[]
  /** An initializer; equal ones are shared. */
  constant(value: Tensor): string
  /** An initializer of int64 numbers, as shapes and axes are given. */
  ints(values: readonly number[]): string
  /** A float32 scalar initializer. */
  float(value: number): string
}

export interface NodeOptions {
  readonly domain?: 'com.microsoft' | 'com.microsoft.nchwc'
}
