/** The one training function, as a definition that every mode runs unchanged. */
import { fail } from '../core/errors.ts'
import { suggest } from '../core/suggest.ts'
import type { Dataset } from '../data/index.ts'
import { crossEntropy, type Model, meanSquaredError } from '../nn/index.ts'
import { adam } from '../optim/index.ts'
import { type Dimension, searchSpace } from '../space/index.ts'
import type { TrainContext } from './context.ts'
import { hostContext } from './context.ts'
import type { Environment, Metrics } from './environment.ts'
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

export interface TrainingDefinition<C extends Config, D extends DataSplits> {
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
  /** Model generator; it may look at the data, for a vocabulary's size or a number of classes. */
  model(config: Readonly<C>, data: D): Model | Promise<Model>
  /** The loop. Left out: cross-entropy or squared error and Adam, with `epochs`, `batchSize` and `learningRate` of the config. */
  readonly train?: TrainFunction<C, D>
  /** Checks the end: what an example asserts of itself. Throwing fails the run. */
  readonly check?: (metrics: Metrics, config: Readonly<C>) => void
}

/** A checked definition, as a training file exports it. */
export interface Training<C extends Config = Config, D extends DataSplits = DataSplits> extends TrainingDefinition<C, D> {
  readonly kind: 'training'
  readonly train: TrainFunction<C, D>
}

/**
 * Defines a training function.
 *
 * @throws TRAINING_INVALID
 * @example
 * ```ts
 * export default training({
 *   name: 'digits',
 *   config: { hidden: 128, learningRate: 0.1, epochs: 3 },
 *   data: () => data.digits(),
 *   model: ({ hidden }) => nn.sequential([nn.flatten(), nn.dense({ units: hidden, activation: 'relu' }), nn.dense({ units: 10 })]),
 * })
 * ```
 */
export function training<C extends Config, D extends DataSplits>(definition: TrainingDefinition<C, D>): Training<C, D> {
  const { name, config, data, model } = definition
  if (typeof name !== 'string' || !/^[\w.-]+$/.test(name))
    throw fail('TRAINING_INVALID', `its name is '${name}', but a name is letters, digits, '.', '_' and '-'`)
  if (typeof config !== 'object' || config === null) throw fail('TRAINING_INVALID', 'it has no config; an empty one is {}')
  for (const [key, value] of Object.entries(config)) {
    if (!['number', 'string', 'boolean'].includes(typeof value))
      throw fail('TRAINING_INVALID', `config '${key}' is ${value}, but only numbers, strings and booleans can be set`)
  }
  checkSpace(definition as unknown as Pick<Training, 'space' | 'config' | 'constraint'>)
  if (typeof data !== 'function') throw fail('TRAINING_INVALID', "it has no 'data' function")
  if (typeof model !== 'function') throw fail('TRAINING_INVALID', "it has no 'model' function")
  return { ...definition, kind: 'training', train: definition.train ?? defaultTrain }
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

/** The config with some keys replaced by text from a command line. @throws CONFIG_UNKNOWN, CONFIG_TYPE */
export function withSettings<C extends Config>(config: C, settings: Readonly<Record<string, string>>): C {
  const changed: Record<string, ConfigValue> = { ...config }
  for (const [key, text] of Object.entries(settings)) {
    if (!Object.hasOwn(config, key)) throw fail('CONFIG_UNKNOWN', key, suggest(key, Object.keys(config)))
    changed[key] = parseAs(key, text, config[key] as ConfigValue)
  }
  return changed as C
}

function parseAs(key: string, text: string, like: ConfigValue): ConfigValue {
  if (typeof like === 'string') return text
  if (typeof like === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true'
    throw fail('CONFIG_TYPE', key, text, 'true or false')
  }
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(number)) throw fail('CONFIG_TYPE', key, text, `a number, such as ${like}`)
  return number
}

export interface Outcome {
  readonly metrics: Metrics
  readonly trained: ReturnType<ReturnType<typeof hostContext>['trained']>
}

/** Runs a definition once in an environment: data, model, the training function, its own check. */
export async function runTraining<C extends Config, D extends DataSplits>(
  definition: Training<C, D>,
  config: C,
  environment: Environment,
): Promise<Outcome> {
  const data = await definition.data(config)
  const model = await definition.model(config, data)
  const hosted = hostContext({
    name: definition.name,
    config,
    data,
    model,
    environment,
    followed: objectivesOf(definition as unknown as Training)[0],
  })
  try {
    const returned = await definition.train(hosted.context)
    const metrics = { ...hosted.reported(), ...(returned ?? {}) }
    definition.check?.(metrics, config)
    return { metrics, trained: hosted.trained() }
  } finally {
    await hosted.close()
  }
}

/** The loop most people write: one evaluation on the test data an epoch. */
async function defaultTrain<C extends Config, D extends DataSplits>({
  config,
  model,
  data,
  fit,
  evaluate,
  report,
}: TrainContext<C, D>): Promise<void> {
  const number = (key: string, otherwise: number) => (typeof config[key] === 'number' ? (config[key] as number) : otherwise)
  const target = data.train.fields[data.train.target ?? '']
  const classes = target?.dtype === 'int32' || target?.dtype === 'uint8'
  const epochs = fit(model, data.train, {
    loss: classes ? crossEntropy() : meanSquaredError(),
    optimizer: adam({ learningRate: number('learningRate', 1e-3) }),
    batchSize: number('batchSize', 32),
    epochs: number('epochs', 5),
  })
  for await (const epoch of epochs) {
    const measured = data.test ? await evaluate(model, data.test, [classes ? 'accuracy' : 'mse']) : {}
    await report({ step: epoch.index, loss: epoch.loss, ...measured })
  }
}
