/**
 * A layer is plain data with one function: how it transforms a value. Whatever it needs (weights, buffers, noise, other
 * layers) it asks of the scope, which names it by the path of layers: 'encoder.attention.query.weight'.
 */
import type { Random } from '../core/random.ts'
import type { Dim, Value } from '../graph/index.ts'

/** What goes into a model: one value, or several by name. */
export type Inputs = Value | Readonly<Record<string, Value>>

export interface Layer<I = Value, O = Value> {
  /** What it is: 'dense'. Also its name, numbered, where none is given. */
  readonly kind: string
  readonly name?: string | undefined
  /** Layers inside, in order; what `rebuild` puts back. */
  readonly layers?: readonly Layer[]
  /** The same layer around other inner layers: how a layer is taken out of a model by name. */
  readonly rebuild?: (layers: readonly Layer[]) => Layer<I, O>
  apply(x: I, scope: Scope): O
}

/** What a layer may ask of the model it is traced into. */
export interface Scope {
  /** Dotted path of the layer: 'encoder.attention'; '' at the root. */
  readonly path: string
  /** Whether this trace is for training: dropout drops, batch normalization uses the batch. */
  readonly training: boolean
  /** A trained tensor. Asking twice for a name in a layer is a mistake. */
  param(name: string, shape: readonly number[], init: Initializer, options?: { readonly trainable?: boolean }): Value
  /** A buffer that a training step replaces, such as a running mean. `set` is ignored when not training. */
  state(name: string, shape: readonly number[], init: Initializer): { readonly value: Value; set(next: Value): void }
  /** Numbers drawn anew for each step from the run's seed; the shape may have the symbolic batch. */
  noise(name: string, shape: readonly Dim[], distribution: Distribution): Value
  /** Applies an inner layer under its own name. */
  apply<I, O>(layer: Layer<I, O>, x: I): O
}

/** keep: 1/keep with probability keep, else 0 (a dropout mask that keeps the mean). */
export type Distribution = { readonly kind: 'uniform' } | { readonly kind: 'normal' } | { readonly kind: 'keep'; readonly keep: number }

/** Fills a new parameter. Pure but for the stream of chance it is handed. */
export interface Initializer {
  readonly kind: string
  fill(values: Float32Array, shape: readonly number[], random: Random): void
}
