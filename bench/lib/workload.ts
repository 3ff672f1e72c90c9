/** What is trained in a benchmark: plain data, sent as JSON to every measured program. */

export interface Workload {
  readonly name: string
  /** For people: 'MLP 784-128-128-10, batch 64, SGD'. */
  readonly title: string
  readonly model: ModelSpec
  readonly batch: number
  readonly optimizer: 'sgd' | 'adam'
  readonly learningRate: number
  readonly x: { readonly shape: readonly number[] } & ({ readonly kind: 'reals' } | { readonly kind: 'tokens'; readonly below: number })
  /** Labels: one an example, or one a position. */
  readonly y: { readonly shape: readonly number[]; readonly classes: number }
  /** First weights, in the order of the model; program by program they are laid out as it likes best. */
  readonly params: readonly ParamSpec[]
}

export type ModelSpec =
  | { readonly kind: 'mlp'; readonly sizes: readonly number[] }
  | { readonly kind: 'cnn'; readonly side: number; readonly channels: readonly number[]; readonly kernel: number; readonly units: number }
  | { readonly kind: 'gru'; readonly input: number; readonly units: number; readonly length: number }
  | {
      readonly kind: 'transformer'
      readonly vocabulary: number
      readonly context: number
      readonly width: number
      readonly heads: number
      readonly layers: number
      readonly hidden: number
    }

/** Dense weights are [in, out], convolutions [out, in, height, width], GRU gates come as reset, update, candidate. */
export interface ParamSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly seed: number
  readonly center: number
  readonly bound: number
}

/** What a program is told to do, one JSON line each; it answers each with one line. */
export type Command =
  /** Builds the model and takes the first step. */
  | { readonly do: 'prepare'; readonly workload: Workload; readonly threads: number }
  /** Takes `warm` steps, then `count` measured ones. */
  | { readonly do: 'steps'; readonly warm: number; readonly count: number }
  /** Losses of the first steps of a model made anew, all on the one batch. */
  | { readonly do: 'losses'; readonly count: number }
  /** Trains on 60,000 images for one epoch, from reading their files on. */
  | {
      readonly do: 'epoch'
      readonly workload: Workload
      readonly threads: number
      readonly dir: string
      readonly variant?: string
    }
  | { readonly do: 'memory' }

export interface Prepared {
  /** 'torch 2.15.0' */
  readonly version: string
  /** Milliseconds from the model's definition to the end of the first step. */
  readonly firstStep: number
  /** Whether the first step compiles, so that later ones are much faster. */
  readonly compiles?: boolean
  /** Milliseconds of the first step spent compiling, where the program tells. */
  readonly compile?: number
}

export interface Steps {
  /** Milliseconds of each step. */
  readonly times: readonly number[]
  /** Milliseconds of each step inside the numeric library, where the program tells. */
  readonly inside?: Readonly<Record<string, readonly number[]>>
}

export interface EpochTime {
  readonly milliseconds: number
  /** Of it, reading the files. */
  readonly loading: number
  /** Mean loss over the epoch: proof that it learnt. */
  readonly loss: number
}
