import { checkFolds, type RepeatsOptions } from '../options.ts'
import type { Splitter } from '../splitter.ts'
import { kFold } from './kFold.ts'

/** kFold with shuffling, again and again. As scikit-learn's RepeatedKFold. */
export function repeatedKFold(options: RepeatsOptions = {}): Splitter {
  checkFolds('repeatedKFold', options, ['folds', 'repeats'])
  const { folds = 5, repeats = 10 } = options
  const once = kFold({ folds, shuffle: true })
  return {
    name: 'repeatedKFold',
    folds: folds * repeats,
    laws: { tested: repeats },
    split: (facts) =>
      Array.from({ length: repeats }, (_, time) => once.split({ ...facts, random: facts.random.fork('repeat', time) })).flat(),
  }
}
