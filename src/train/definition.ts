/** What a training is, as data: the parts that every kind of it has, and how they are checked. */
import { fail } from '../core/errors.ts'
import { suggest } from '../core/suggest.ts'
import type { Dataset } from '../data/index.ts'
import type { AnyEstimator } from '../estimator/index.ts'
import type { Model } from '../nn/index.ts'
import { type Dimension, searchSpace } from '../space/index.ts'
import type { TrainContext } from './context.ts'
import type { Metrics } from './environment.ts'
import type { MetricSpec } from './evaluate.ts'
import type { Followed } from './stopping.ts'

export type ConfigValue = number | string | boolean
export type Config = Readonly<Record<string, ConfigValue>>

/** Dimensions for some keys of a config, each of its key's type. */
export type SpaceOf<C extends Config> = {
  readonly [K in keyof C]?: Dimension<C[K] extends number ? number : C[K] extends boolean ? boolean : C[K]>
}

/** What `data` gives: at least something to train on. Whatever else is in it reaches `train` with its type. */
export interface DataSplits {
  readonly train: Dataset
  readonly test?: Dataset
}

export type TrainFunction<C, D> = (context: TrainContext<C, D>) => Promise<Metrics | undefined> | Promise<void>

/** What every definition has, whatever it is that learns. */
export interface TrainingBasics<C extends Config, D extends DataSplits> {
  readonly name: string
  /** Typed defaults; `--set key=value` and studies replace them. */
  readonly config: C
  /**
   * What a study may choose for keys of the config: `{ learningRate: space.logUniform(1e-4, 1) }`. What is not in it keeps its
   * default.
   */
  readonly space?: SpaceOf<C>
  /** Which configs a study may try. */
  readonly constraint?: (config: Readonly<C>) => boolean
  /** What a study improves, and which checkpoint is the best one: of several objectives, the first decides that. */
  readonly objective?: Followed | readonly Followed[]
  /** Dataset generator. */
  data(config: Readonly<C>): D | Promise<D>
  /** Checks the end: what an example asserts of itself. Throwing fails the run. */
  readonly check?: (metrics: Metrics, config: Readonly<C>) => void
}

/** Of a network. */
export interface TrainingDefinition<C extends Config, D extends DataSplits> extends TrainingBasics<C, D> {
  /** Model generator; it may look at the data, for a vocabulary's size or a number of classes. */
  model(config: Readonly<C>, data: D): Model | Promise<Model>
  /** The loop. Left out: cross-entropy or squared error and Adam, with `epochs`, `batchSize` and `learningRate` of the config. */
  readonly train?: TrainFunction<C, D>
}

/** Of what learns in one call: a forest, boosting, a linear model. */
export interface EstimatorDefinition<C extends Config, D extends DataSplits> extends TrainingBasics<C, D> {
  /** Estimator generator: parameters from the config; nothing is learnt here. */
  estimator(config: Readonly<C>, data: D): AnyEstimator
  /**
   * What is measured on the test data. Default: accuracy, logLoss and, of two classes, rocAuc for labels; r2, mae and mse for
   * quantities.
   */
  readonly metrics?: readonly MetricSpec[]
}

/** A checked definition, as a training file exports it. A network has `model`, an estimator `estimator` and maybe `metrics`. */
export interface Training<C extends Config = Config, D extends DataSplits = DataSplits> extends TrainingBasics<C, D> {
  readonly kind: 'training'
  readonly train: TrainFunction<C, D>
  model?(config: Readonly<C>, data: D): Model | Promise<Model>
  estimator?(config: Readonly<C>, data: D): AnyEstimator
  readonly metrics?: readonly MetricSpec[]
}

/** Of a network. */
export interface NetworkTraining<C extends Config, D extends DataSplits> extends Training<C, D> {
  model(config: Readonly<C>, data: D): Model | Promise<Model>
}

/** Of an estimator. */
export interface EstimatorTraining<C extends Config, D extends DataSplits> extends Training<C, D> {
  estimator(config: Readonly<C>, data: D): AnyEstimator
}

/** Holds what every definition has to its promises. @throws TRAINING_INVALID, SPACE_INVALID, SPACE_EMPTY */
export function checkBasics<C extends Config, D extends DataSplits>(definition: TrainingBasics<C, D>): void {
  const { name, config, data } = definition
  if (typeof name !== 'string' || !/^[\w.-]+$/.test(name))
    throw fail('TRAINING_INVALID', `its name is '${name}', but a name is letters, digits, '.', '_' and '-'`)
  if (typeof config !== 'object' || config === null) throw fail('TRAINING_INVALID', 'it has no config; an empty one is {}')
  for (const [key, value] of Object.entries(config)) {
    if (!['number', 'string', 'boolean'].includes(typeof value))
      throw fail('TRAINING_INVALID', `config '${key}' is ${value}, but only numbers, strings and booleans can be set`)
  }
  checkSpace(definition as unknown as Pick<Training, 'space' | 'config' | 'constraint'>)
  if (typeof data !== 'function') throw fail('TRAINING_INVALID', "it has no 'data' function")
}

/** A space fits a config: its keys are the config's, and so are the types of its values. @throws TRAINING_INVALID, SPACE_INVALID, SPACE_EMPTY */
export function checkSpace({ space, config, constraint }: Pick<Training, 'space' | 'config' | 'constraint'>): void {
  if (space === undefined) return
  const dimensions = space as Readonly<Record<string, Dimension>>
  const unknown = Object.keys(dimensions).find((key) => !Object.hasOwn(config, key))
  if (unknown !== undefined)
    throw fail('TRAINING_INVALID', `its space has '${unknown}', which is not in its config. ${suggest(unknown, Object.keys(config))}`)
  const { fromUnit, names } = searchSpace(dimensions, { defaults: config, ...(constraint && { constraint }) })
  const middle = fromUnit(names.map(() => 0.5))
  for (const [key, value] of Object.entries(middle)) {
    const like = typeof config[key]
    if (typeof value !== like)
      throw fail('TRAINING_INVALID', `its space gives '${key}' a ${typeof value} such as ${value}, and its config a ${like}`)
  }
}

/** The objectives of a training, the first of which decides what the best checkpoint is. */
export function objectivesOf({ objective }: Pick<Training, 'objective'>): readonly Followed[] {
  return objective === undefined ? [] : Array.isArray(objective) ? objective : [objective as Followed]
}

export function isTraining(value: unknown): value is Training {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'training'
}
