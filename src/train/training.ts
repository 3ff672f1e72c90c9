/** The one training function, as a definition that every mode runs unchanged. */
import { fail } from '../core/errors.ts'
import { suggest } from '../core/suggest.ts'
import type { Predictor } from '../estimator/index.ts'
import { crossEntropy, meanSquaredError } from '../nn/index.ts'
import { adam } from '../optim/index.ts'
import { hostContext, type TrainContext, type TrainedNetwork } from './context.ts'
import {
  type Config,
  type ConfigValue,
  checkBasics,
  type DataSplits,
  type NetworkTraining,
  objectivesOf,
  type Training,
  type TrainingDefinition,
} from './definition.ts'
import type { Environment, Metrics } from './environment.ts'
import { fromEstimator } from './fromEstimator.ts'

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
export function training<C extends Config, D extends DataSplits>(definition: TrainingDefinition<C, D>): NetworkTraining<C, D> {
  checkBasics(definition)
  const { model, train } = definition
  if (typeof model !== 'function') throw fail('TRAINING_INVALID', "it has no 'model' function")
  return { ...definition, kind: 'training', train: train ?? defaultTrain }
}

training.fromEstimator = fromEstimator

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
  /** Of the network; undefined where the training function did not use it. */
  readonly trained: TrainedNetwork | undefined
  /** Of the estimator; undefined where none was fitted. */
  readonly learned: Predictor | undefined
}

/** Runs a definition once in an environment: data, model, the training function, its own check. */
export async function runTraining<C extends Config, D extends DataSplits>(
  definition: Training<C, D>,
  config: C,
  environment: Environment,
): Promise<Outcome> {
  const data = await definition.data(config)
  const model = await definition.model?.(config, data)
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
    return { metrics, trained: hosted.trained(), learned: hosted.learned() }
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
