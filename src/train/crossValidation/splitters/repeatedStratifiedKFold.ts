import { checkFolds, type RepeatsOptions } from '../options.ts'
import type { Splitter } from '../splitter.ts'
import { stratifiedKFold } from './stratifiedKFold.ts'

/** stratifiedKFold with shuffling, again and again. As scikit-learn's RepeatedStratifiedKFold. */
export function repeatedStratifiedKFold(options: RepeatsOptions = {}): Splitter {
  checkFolds('repeatedStratifiedKFold', options, ['folds', 'repeats'])
  const { folds = 5, repeats = 10 } = options
  const once = stratifiedKFold({ folds, shuffle: true })
  return {
    name: 'repeatedStratifiedKFold',
    folds: folds * repeats,
    laws: { tested: repeats, stratified: true },
    split: (facts) =>
      Array.from({ length: repeats }, (_, time) => once.split({ ...facts, random: facts.random.fork('repeat', time) })).flat(),
  }
}
