/** Trees and forests as estimators: growing, what tighter limits make of it, and the families that follow from that. */
import { availableParallelism } from 'node:os'
import { fail } from '../../core/errors.ts'
import type { Table } from '../../data/index.ts'
import {
  checkLearnable,
  type Estimator,
  type Examples,
  examplesOf,
  type Family,
  type FitOptions,
  type Learnable,
  type Params,
  type Predictor,
} from '../../estimator/index.ts'
import type { Ensemble } from '../ensemble.ts'
import { predictorOf, type TreePredictor } from '../predict/index.ts'
import type { Tree } from '../tree.ts'
import { familyAxes, familyOf } from './family.ts'
import { limitsOf, shaped, widestOf } from './limits.ts'
import { outOfBag } from './outOfBag.ts'
import { type AnyParams, checkedParams, type Kind } from './params.ts'
import { planOf } from './plan.ts'
import { growTrees } from './threads.ts'

/** What a forest learned; of one with `oobScore`, also how good it is for rows that its trees did not draw. */
export interface ForestPredictor extends TreePredictor {
  readonly oobScore?: number
  /** Row-major [rows, width] for the training rows, from the trees that did not draw them; NaN where all trees did. */
  readonly oobOutputs?: Float64Array
}

/** A tree or forest of a kind; `P` are its parameters. */
export function treesEstimator<P extends AnyParams, R extends ForestPredictor>(kind: Kind, given: Partial<P>): Estimator<P, R> {
  const params = checkedParams<P>(kind, given)
  const task = kind.endsWith('Classifier') ? 'classification' : 'regression'
  const self: Estimator<P, R> = {
    name: kind,
    task,
    getParams: () => params,
    withParams: (changed) => treesEstimator<P, R>(kind, { ...params, ...changed }),
    async fit(data, options = {}) {
      const examples = checkLearnable(examplesOf(data), task, options.sampleWeight)
      const seed = seedOf(params, options)
      const grown = await grow(kind, params, examples, { ...options, seed })
      // Which methods it has follows from the kind, as `R` does.
      return finish(kind, params, examples, grown, { ...options, seed }) as R
    },
    family: {
      axes: familyAxes(kind) as readonly (keyof P & string)[],
      async fit(data: Table | Examples, members: readonly P[], options: FitOptions = {}): Promise<Family> {
        const examples = checkLearnable(examplesOf(data), task, options.sampleWeight)
        const checked = members.map((member) => checkedParams<P>(kind, member))
        const widest = widestOf(checked, examples.rows)
        const seed = seedOf(widest, options)
        const grown = await grow(kind, widest, examples, { ...options, seed })
        return familyOf({
          ensembleOf: (member, trees) => ensembleOf(kind, member, examples, trees, seed),
          predictorOf: (member) => finish(kind, member, examples, grown, { ...options, seed }),
          limitsOf: (member) => limitsOf(member, examples.rows),
          members: checked,
          grown,
        })
      },
    },
  }
  return self
}

/** What chance is drawn from: kept with the trees, so that what was drawn can be drawn again. */
const seedOf = ({ randomState }: AnyParams, { seed = 0 }: FitOptions) => randomState ?? seed

/** Trees as they grow under the limits that the growing itself keeps: depth and rows. */
async function grow(
  kind: Kind,
  params: AnyParams,
  examples: Learnable,
  options: FitOptions & { readonly seed: number },
): Promise<readonly Tree[]> {
  const { seed, sampleWeight, signal, onProgress, from } = options
  const last = params.nEstimators ?? 1
  const before = from === undefined ? [] : earlier(kind, params, examples, from, seed)
  if (before.length > last)
    throw fail('BAD_OPTION', kind, 'nEstimators', last, `at least ${before.length}, the trees of the predictor to go on from`)
  const plan = planOf(kind, params, examples, { seed, sampleWeight })
  const threads = params.nJobs ?? options.threads ?? threadsWorth(examples.rows, last - before.length)
  const grown = await growTrees(plan, {
    ...{ first: before.length, last, threads, signal },
    onProgress: onProgress && ((done) => onProgress(before.length + done, last)),
  })
  return before.length === 0 ? grown : [...before, ...grown]
}

/** A thread costs about 50 ms to start, which is what so many rows of trees cost. */
const rowsAThread = 100_000

function threadsWorth(rows: number, trees: number): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor((rows * trees) / rowsAThread)))
}

/** The trees of an earlier fit, where they are what this one would have grown first. */
function earlier(kind: Kind, params: AnyParams, examples: Learnable, from: Predictor, seed: number): readonly Tree[] {
  const { ensemble } = from as TreePredictor
  const differs = (name: string) => JSON.stringify((params as unknown as Params)[name]) !== JSON.stringify(from.params[name])
  const changed = Object.keys(params).filter((name) => !changeable.has(name) && differs(name))
  if (ensemble === undefined || from.estimator !== kind || changed.length > 0)
    throw fail('WARM_START_CHANGED', kind, from.estimator, changed)
  if (from.features.length !== examples.features.length || from.width !== examples.width)
    throw fail('WARM_START_CHANGED', kind, from.estimator, ['the features or labels'])
  // With other rows drawn, trees would be judged by rows that they have seen.
  if (ensemble.seed !== seed) throw fail('WARM_START_CHANGED', kind, from.estimator, ['the seed'])
  return ensemble.trees
}

/** What a member's own parameters make of grown trees. */
function finish(
  kind: Kind,
  params: AnyParams,
  examples: Learnable,
  grown: readonly Tree[],
  { seed, sampleWeight }: FitOptions & { readonly seed: number },
): ForestPredictor {
  const limits = limitsOf(params, examples.rows)
  const trees = grown.slice(0, params.nEstimators ?? 1).map((tree) => shaped(tree, limits))
  const ensemble = ensembleOf(kind, params, examples, trees, seed)
  const predictor = predictorOf(ensemble)
  return params.oobScore === true ? { ...predictor, ...outOfBag(ensemble, examples, params, sampleWeight) } : predictor
}

/** What may be another in a warm start; the seed is looked at as it was used. */
const changeable: ReadonlySet<string> = new Set(['nEstimators', 'nJobs', 'oobScore', 'randomState'])

function ensembleOf(
  kind: Kind,
  params: AnyParams,
  { features, classes, width }: Learnable,
  trees: readonly Tree[],
  seed: number,
): Ensemble {
  return {
    estimator: kind,
    task: kind.endsWith('Classifier') ? 'classification' : 'regression',
    params: params as unknown as Params,
    features,
    classes: kind.endsWith('Classifier') ? classes : undefined,
    trees,
    width,
    base: new Float64Array(width),
    scale: 1 / trees.length,
    link: 'identity',
    seed,
  }
}
