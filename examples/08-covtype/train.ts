/**
 * Which of seven kinds of forest covers a patch of land? A random forest, and an exhaustive search for its parameters:
 *
 *   npx tutti tune examples/08-covtype/train.ts --sampler grid --cv 5 --scaling 1,2,3
 *
 * With few and shallow trees the defaults cannot be beaten: what the grid finds is the best within what it allows.
 */
import { data, space, training, trees } from 'tutti'

export default training.fromEstimator({
  name: 'covtype',
  // scikit-learn's defaults; maxDepth 0 means no limit.
  config: { maxDepth: 0, nEstimators: 100, ccpAlpha: 0, rows: 10_000, expect: 0.7 },
  space: {
    maxDepth: space.choice([1, 2, 3, 4]),
    nEstimators: space.choice([50, 100, 150, 200]),
    ccpAlpha: space.choice([0, 0.0333, 0.0667, 0.1]),
  },
  objective: { metric: 'accuracy', direction: 'maximize' },
  // The first rows of the file: so many to learn from, and a quarter as many to test on.
  data: ({ rows }) => data.covtype({ numeric: 'none', rows: Math.ceil(rows * 1.25), test: Math.ceil(rows * 0.25) }),
  estimator: ({ maxDepth, nEstimators, ccpAlpha }) => trees.randomForestClassifier({ maxDepth: maxDepth || null, nEstimators, ccpAlpha }),
  // Expected of whole trees: the grid's best, of four levels, comes to 0.68.
  check: ({ accuracy = 0 }, { maxDepth, expect }) => {
    if (maxDepth === 0 && accuracy < expect) throw new Error(`accuracy ${accuracy} is below ${expect}`)
  },
})
