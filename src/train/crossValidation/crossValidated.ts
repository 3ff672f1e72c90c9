/** Cross-validation of a training: a training again, for every mode to run. */
import type { TrainContext } from '../context.ts'
import type { Config, DataSplits, Training } from '../definition.ts'
import type { Environment, Metrics } from '../environment.ts'
import { tableOf } from '../learn.ts'
import { runTraining } from '../training.ts'
import { type FoldsPlan, foldsOf, splitterOf } from './plan.ts'
import type { Fold } from './splitter.ts'
import { meanAndStd } from './statistics.ts'

export interface CrossValidationPlan extends FoldsPlan {
  /** Also reports each fold's own values: 'accuracyFold0', 'accuracyFold1', ... Default false. */
  readonly perFold?: boolean
  /** Called after each fold. */
  readonly onFold?: (fold: FoldRun) => void
}

/** One fold of a training. */
export interface FoldRun {
  /** 0 is the first. */
  readonly fold: number
  readonly folds: number
  readonly metrics: Metrics
  /** From its begin to its end: learning and measuring. */
  readonly seconds: number
  readonly rows: { readonly train: number; readonly test: number }
}

/**
 * The same training, whose `train` runs it once a fold on the rows of `data.train`, with the run's seed each time. What it gives as
 * test data in a fold is the fold's; `data.test` is left alone.
 *
 * After fold k it reports, as step k, the mean of each metric over the folds so far and its standard deviation ('accuracy',
 * 'accuracyStd'), so that a pruner may end it early; the last report is the result. What is reported inside a fold stays there, no
 * checkpoint is kept, and no model. A training's own `check` is of one fit, and left out.
 *
 * @throws UNKNOWN_KIND, BAD_OPTION; when it runs ROWS_NEEDED, FOLDS_IMPOSSIBLE, FOLDS_GROUP
 * @example `crossValidated(training, { cv: 5 })`
 */
export function crossValidated<C extends Config, D extends DataSplits>(
  training: Training<C, D>,
  plan: CrossValidationPlan = {},
): Training<C, D> {
  // What the plan is wrong in is told before anything runs.
  splitterOf(plan.cv ?? 5, true)
  const { check: _, ...rest } = training
  return {
    ...rest,
    async train(context) {
      const { config, data, report, environment } = context
      const table = await tableOf(data.train, 'Cross-validation')
      const folds = foldsOf(table, plan)
      const done: Metrics[] = []
      for (const [index, fold] of folds.entries()) {
        const began = environment.clock.elapsed()
        const inner = { ...rest, ...withModelOf(context, training), data: () => ({ ...data, ...splitsOf(table, fold) }) }
        const { metrics } = await runTraining(inner, config as C, foldEnvironment(environment))
        done.push(metrics)
        const seconds = (environment.clock.elapsed() - began) / 1000
        plan.onFold?.({ fold: index, folds: folds.length, metrics, seconds, rows: { train: fold.train.length, test: fold.test.length } })
        await report({ step: index, ...summaryOf(done, plan.perFold ?? false) })
      }
    },
  }
}

type Rows = Awaited<ReturnType<typeof tableOf>>

function splitsOf(table: Rows, { train, test }: Fold): DataSplits {
  return { train: table.take(train), test: table.take(test) }
}

/** The context's model, which a mode may have changed: its numbers live in the context of each fold. */
function withModelOf<C extends Config, D extends DataSplits>(context: TrainContext<C, D>, { model }: Training<C, D>) {
  return model && { model: () => context.model }
}

function foldEnvironment(environment: Environment): Environment {
  const { observer } = environment
  return {
    ...environment,
    checkpoints: { latest: async () => undefined, save: async () => undefined, last: undefined },
    observer: {
      report() {},
      curve() {},
      log: (level, text) => observer.log(level, text),
      progress: (progress) => observer.progress(progress),
    },
  }
}

function summaryOf(done: readonly Metrics[], perFold: boolean): Metrics {
  const { mean, std } = meanAndStd(done)
  const named = Object.entries(mean).flatMap(([name, value]) => [
    [name, value],
    [`${name}Std`, std[name] as number],
  ])
  const each = perFold ? done.flatMap((metrics, k) => Object.entries(metrics).map(([name, value]) => [`${name}Fold${k}`, value])) : []
  return Object.fromEntries([...named, ...each])
}
