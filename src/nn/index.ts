/** The door of neural networks: layers, losses, initializers, and what can be done with a model. */

import type { Value } from '../graph/index.ts'
import * as initializers from './initializers/index.ts'
import type { Initializer, Layer } from './layer.ts'
import * as layers from './layers/index.ts'
import type { Loss } from './loss.ts'
import * as losses from './losses/index.ts'

initializers satisfies Record<string, (options: never) => Initializer>
layers satisfies Record<string, (...args: never) => Layer<never, Value>>
losses satisfies Record<string, (options?: never) => Loss>

export type { Activation, ActivationName } from './activations.ts'
export type { InitializerName, InitializerOption } from './initializer.ts'
export type { Distribution, Initializer, Inputs, Layer, Scope } from './layer.ts'
export * from './layers/index.ts'
export type { Loss } from './loss.ts'
export * from './losses/index.ts'
export {
  initialize,
  inputsOf,
  type Model,
  type NoiseSpec,
  type ParamSpec,
  type StateSpec,
  type Traced,
  type TracedLayer,
  traceModel,
} from './model.ts'
export { type Summary, type SummaryRow, summary } from './summary.ts'
export { editLayers, findLayer, type PlacedLayer, placedLayers, withoutLayer } from './surgery.ts'
export { initializers, layers, losses }
