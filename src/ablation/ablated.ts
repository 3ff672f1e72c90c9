/** A training with some of its components taken away: a training like any other, for every mode to run. */
import { fail } from '../core/errors.ts'
import type { Model } from '../nn/index.ts'
import { type Config, type DataSplits, runWithout, type Training } from '../train/index.ts'
import { membersOf, parseComponent } from './component.ts'
import { withoutFeatures } from './features.ts'
import { withoutLayers } from './layers.ts'

export interface AblatedOptions {
  /** The names that `component` is called with are added to it. */
  readonly met?: Set<string>
  /** What was done so that the neighbours of a layer that is gone fit: "'memory' is replaced by flatten". */
  readonly note?: (text: string) => void
}

/**
 * The same training without these components: `data` gives every split without the features, `model` gives the model without the
 * layers, and `component` says of your own ones that they are gone, wherever it is called. All else is as it was, names and seeds
 * included, so that a difference is due to what is gone. A training's own `check` is left out: it was written for the whole.
 *
 * When it runs it throws ABLATION_UNKNOWN (for a component of your own once the training function has ended without meeting it),
 * ABLATION_LABEL, ABLATION_FEATURES, ABLATION_LAYER.
 *
 * @throws ABLATION_SYNTAX
 * @example `ablated(training, ['feature:age', 'layer:hidden2'])`
 */
export function ablated<C extends Config, D extends DataSplits>(
  training: Training<C, D>,
  without: readonly string[],
  options: AblatedOptions = {},
): Training<C, D> {
  const parsed = without.map(parseComponent)
  const namesOf = (kind: string) => parsed.filter((one) => one.kind === kind).map(({ name }) => name)
  const [features, layers, own] = [namesOf('feature'), namesOf('layer'), namesOf('own')]
  const gone = new Set(own.flatMap((name) => name.split('+')))
  const met = options.met ?? new Set<string>()
  const inside = <T>(body: () => T): T => runWithout(gone, body, met)
  /** Whole inputs that are gone, by the data that lacks them. */
  const lost = new WeakMap<object, readonly string[]>()
  const { check: _, ...rest } = training
  const make = training.model?.bind(training)
  const estimator = training.estimator?.bind(training)
  if (!make && layers[0] !== undefined) throw fail('ABLATION_LAYER', layers[0], 'what learns is an estimator, which has no layers.')
  return {
    ...rest,
    async data(config) {
      const { splits, columns } = withoutFeatures(await inside(() => training.data(config)), features)
      lost.set(splits, columns)
      return splits
    },
    ...(make && {
      async model(config: Readonly<C>, data: D): Promise<Model> {
        const made = await inside(() => make(config, data))
        const { model, notes } = inside(() => withoutLayers(made, layers, data.train, lost.get(data)))
        for (const note of notes) options.note?.(note)
        // A layer may call `component` whenever it is traced, also when the trained model is kept.
        const whole: Model = { ...model, apply: (x, scope) => inside(() => model.apply(x, scope)) }
        return whole
      },
    }),
    ...(estimator && { estimator: (config: Readonly<C>, data: D) => inside(() => estimator(config, data)) }),
    async train(context) {
      const metrics = await inside(() => training.train(context))
      for (const name of own) membersOf(name, met, (part) => unmet(part, met))
      return metrics ?? undefined
    },
  }
}

/** A component of one's own that nothing has called. */
export function unmet(name: string, met: Iterable<string>): Error {
  const hint = `Mark the part in the training file: component('${name}', (without) => ...).`
  return fail('ABLATION_UNKNOWN', 'The training file has', name, met, hint)
}
