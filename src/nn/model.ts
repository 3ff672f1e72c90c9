/** From layers to values: tracing a model, naming what it holds, filling it with its first numbers. */
import { fail } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { type Dim, input, scoped, type TensorType, type Value } from '../graph/index.ts'
import { layoutOf, type Parameters, viewsOf, zeros } from '../tensor/index.ts'
import type { Distribution, Initializer, Inputs, Layer, Scope } from './layer.ts'

// biome-ignore lint/suspicious/noExplicitAny: a model may take one value or a record of them; `trace` gives what it was built for
export type Model = Layer<any, Value>

export interface ParamSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly init: Initializer
  readonly trainable: boolean
  readonly value: Value
}

export interface StateSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly init: Initializer
  readonly value: Value
  /** What a training step leaves there. */
  next: Value
}

export interface NoiseSpec {
  readonly name: string
  readonly distribution: Distribution
  readonly value: Value
}

/** One layer as it was traced, for summaries and for finding layers by name. */
export interface TracedLayer {
  readonly path: string
  readonly kind: string
  readonly depth: number
  readonly output: readonly Dim[] | undefined
  /** Own parameters, those of inner layers left out. */
  readonly params: readonly ParamSpec[]
}

export interface Traced {
  readonly output: Value
  readonly params: readonly ParamSpec[]
  readonly states: readonly StateSpec[]
  readonly noises: readonly NoiseSpec[]
  readonly layers: readonly TracedLayer[]
}

/**
 * Traces a model over the given inputs.
 *
 * @throws SHAPE_MISMATCH naming the layer and both shapes
 */
export function traceModel(model: Model, inputs: Readonly<Record<string, Value>>, options: { readonly training: boolean }): Traced {
  const tracer = new Tracer(options.training)
  const names = Object.keys(inputs)
  const x: Inputs = names.length === 1 ? (inputs[names[0] as string] as Value) : inputs
  const output = tracer.applyRoot(model, x)
  return { output, ...tracer.found }
}

/** Inputs of a model by name and type, as values of role 'data'. */
export function inputsOf(types: Readonly<Record<string, TensorType>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(types).map(([name, { dtype, shape }]) => [name, input(name, dtype, shape)]))
}

/** First values of parameters or states; each is drawn from the stream of its own name. */
export function initialize(specs: readonly (ParamSpec | StateSpec)[], random: Random): Parameters {
  const parameters = zeros(layoutOf(specs.map(({ name, shape }) => [name, shape])))
  const views = viewsOf(parameters)
  for (const { name, shape, init } of specs) init.fill(views[name]!.data, shape, random.fork('init', name))
  return parameters
}

class Tracer {
  readonly found = {
    params: [] as ParamSpec[],
    states: [] as StateSpec[],
    noises: [] as NoiseSpec[],
    layers: [] as TracedLayer[],
  }
  readonly #training: boolean

  constructor(training: boolean) {
    this.#training = training
  }

  applyRoot(model: Model, x: Inputs): Value {
    return this.#apply(model, x, '', 0)
  }

  #apply<I, O>(layer: Layer<I, O>, x: I, path: string, depth: number): O {
    const row: { -readonly [K in keyof TracedLayer]: TracedLayer[K] } = { path, kind: layer.kind, depth, output: undefined, params: [] }
    this.found.layers.push(row)
    const own: ParamSpec[] = []
    const y = layer.apply(x, this.#scope(path, depth, own))
    row.params = own
    if (typeof y === 'object' && y !== null && 'shape' in y) row.output = (y as unknown as Value).shape
    return y
  }

  #scope(path: string, depth: number, own: ParamSpec[]): Scope {
    const taken = new Set<string>()
    const full = (name: string) => (path === '' ? name : `${path}.${name}`)
    const claim = (name: string) => {
      if (taken.has(name)) throw fail('NAME_TAKEN', full(name))
      taken.add(name)
      return full(name)
    }
    return {
      path,
      training: this.#training,
      param: (name, shape, init, { trainable = true } = {}) => {
        const spec = { name: claim(name), shape, init, trainable, value: input(full(name), 'float32', shape, 'parameter') }
        own.push(spec)
        this.found.params.push(spec)
        return spec.value
      },
      state: (name, shape, init) => {
        const value = input(claim(name), 'float32', shape, 'state')
        const spec: StateSpec = { name: full(name), shape, init, value, next: value }
        this.found.states.push(spec)
        return {
          value,
          set: (next) => {
            if (this.#training) spec.next = next
          },
        }
      },
      noise: (name, shape, distribution) => {
        const value = input(claim(name), 'float32', shape, 'random')
        this.found.noises.push({ name: full(name), distribution, value })
        return value
      },
      apply: (layer, x) => {
        const name = layer.name === undefined ? numbered(layer.kind, taken) : layer.name
        claim(name)
        return scoped(name, () => this.#apply(layer, x, full(name), depth + 1))
      },
    }
  }
}

/** The name of a layer without one: dense, dense_2, dense_3. */
export function numbered(kind: string, taken: ReadonlySet<string>): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? kind : `${kind}_${i}`
    if (!taken.has(name)) return name
  }
}
