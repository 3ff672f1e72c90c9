/** What a training function is handed. A mode only swaps what is inside. */
import { fail } from '../core/errors.ts'
import { type Random, random } from '../core/random.ts'
import type { Dataset } from '../data/index.ts'
import type { AnyEstimator, Predictor } from '../estimator/index.ts'
import type { Graph } from '../graph/index.ts'
import type { Model } from '../nn/index.ts'
import type { Environment, Metrics } from './environment.ts'
import { createEvaluator, type EvaluateOptions, type Evaluator, inferenceGraph, type MetricSpec } from './evaluate.ts'
import { createFit, type Fit } from './fit.ts'
import type { FitOptions } from './fitOptions.ts'
import { type LearnOptions, learn, tableOf } from './learn.ts'
import { measure } from './measure.ts'
import type { ConfusionTable } from './metrics/confusion.ts'
import type { Followed } from './stopping.ts'
import { createVariables, type Variables } from './variables.ts'

export interface TrainContext<C, D> {
  readonly config: Readonly<C>
  /** What the definition's `data` gave. */
  readonly data: D
  /** What the definition's `model` gave; its numbers live in this context. @throws MODEL_ABSENT in the training of an estimator */
  readonly model: Model
  readonly seed: number
  /** The run's chance; fork it by label. */
  readonly random: Random
  readonly signal: AbortSignal
  /** Trains a model on a dataset. */
  fit(model: Model, data: Dataset, options: FitOptions): Fit
  /** Fits an estimator with the run's seed, threads, signal and progress. The last one that learned is the run's model. */
  learn(estimator: AnyEstimator, data: Dataset, options?: LearnOptions): Promise<Predictor>
  /** Metrics of a model as it is now, or of what an estimator learned. */
  evaluate(model: Model | Predictor, data: Dataset, metrics: readonly MetricSpec[], options?: EvaluateOptions): Promise<Metrics>
  /** How often each class was taken for each other; print it with `log(String(await confusion(model, data)))`. */
  confusion(model: Model, data: Dataset, options?: EvaluateOptions): Promise<ConfusionTable>
  /** Outputs of a model as it is now, for columns of a batch. */
  predict(model: Model, columns: Parameters<Evaluator['predict']>[0]): ReturnType<Evaluator['predict']>
  /** Tells how it goes; recorded, shown, and what a study decides on. `step` is yours: usually the epoch. */
  report(values: { readonly step: number } & Metrics): Promise<void>
  log(text: string): void
  /** What the mode handed in, for training functions that run other trainings. */
  readonly environment: Environment
}

/** The numbers of a network, and the graph that is exported. */
export interface TrainedNetwork {
  readonly variables: Variables
  readonly graph: Graph
}

/** A context and what its mode may ask of it. */
export interface Hosted<C, D> {
  readonly context: TrainContext<C, D>
  /** The latest reported metrics. */
  reported(): Metrics
  /** The trained numbers and inference graph of the main model; undefined before it was used. */
  trained(): TrainedNetwork | undefined
  /** What an estimator learned last; undefined where none did. */
  learned(): Predictor | undefined
  close(): Promise<void>
}

export interface HostOptions<C, D> {
  readonly name: string
  readonly config: C
  readonly data: D
  readonly model: Model | undefined
  readonly environment: Environment
  readonly followed: Followed | undefined
}

export function hostContext<C, D>({ name, config, data, model: mainModel, environment, followed }: HostOptions<C, D>): Hosted<C, D> {
  const chance = random(environment.seed)
  const known = new Map<Model, { key: string; variables: Variables; evaluator: Evaluator | undefined }>()
  let fits = 0
  let fitting = 0
  let reported: Metrics = {}
  let predictor: Predictor | undefined

  /** The first dataset a model meets fixes the types of its inputs. */
  function entryOf(model: Model, dataset: Dataset) {
    const found = known.get(model)
    if (found) return found
    const key = `model${known.size}`
    const entry = { key, variables: createVariables(model, dataset, chance.fork(key)), evaluator: undefined as Evaluator | undefined }
    known.set(model, entry)
    return entry
  }

  async function evaluatorOf(model: Model, dataset?: Dataset): Promise<Evaluator> {
    const entry = dataset ? entryOf(model, dataset) : known.get(model)
    if (!entry) throw fail('TRAINING_INVALID', 'predict was called before the model met any data: call fit or evaluate first')
    entry.evaluator ??= await createEvaluator(entry.variables, environment.runtime, environment.threads)
    return entry.evaluator
  }

  const context: TrainContext<C, D> = {
    config,
    data,
    get model() {
      if (mainModel === undefined) throw fail('MODEL_ABSENT', name)
      return mainModel
    },
    environment,
    seed: environment.seed,
    random: chance,
    signal: environment.signal,
    fit(model, dataset, options) {
      const ordinal = fits++
      const host = async () => ({
        environment,
        random: chance,
        ordinal,
        variables: entryOf(model, dataset).variables,
        siblings: () => Object.fromEntries([...known.values()].map(({ key, variables }) => [key, variables])),
        followed,
        reported: () => reported,
        began: () => void fitting++,
        ended: () => void fitting--,
      })
      return createFit(host, dataset, options)
    },
    async learn(estimator, dataset, options) {
      predictor = await learn({ environment, ordinal: fits++ }, estimator, dataset, options)
      return predictor
    },
    async evaluate(model, dataset, metrics, options) {
      if ('outputs' in model) return measure(model, await tableOf(dataset, 'Measuring'), metrics)
      // Not cut short by an interruption: the fit round it then ends its epoch and keeps a checkpoint of it.
      return (await evaluatorOf(model, dataset)).evaluate(dataset, metrics, options)
    },
    async confusion(model, dataset, options) {
      return (await evaluatorOf(model, dataset)).confusion(dataset, options)
    },
    async predict(model, columns) {
      return (await evaluatorOf(model)).predict(columns)
    },
    async report({ step, ...values }) {
      if (!Number.isInteger(step) || step < 0) throw fail('BAD_OPTION', 'report', 'step', step, 'a whole number, at least 0')
      for (const [key, value] of Object.entries(values)) {
        if (typeof value !== 'number') throw fail('BAD_OPTION', 'report', key, value, 'a number')
      }
      reported = { ...reported, ...values }
      await environment.observer.report(step, values)
      // A fit round this ends its epoch first, and keeps a checkpoint of it.
      if (environment.signal.aborted && fitting === 0) throw environment.signal.reason
    },
    log: (text) => environment.observer.log('info', text),
  }

  return {
    context,
    reported: () => reported,
    trained() {
      const entry = mainModel && known.get(mainModel)
      return entry && { variables: entry.variables, graph: inferenceGraph(entry.variables, name) }
    },
    learned: () => predictor,
    async close() {
      for (const { evaluator } of known.values()) await evaluator?.close()
    },
  }
}
