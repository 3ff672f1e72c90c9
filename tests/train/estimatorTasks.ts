/** Trainings of the estimators of tests. */
import { random } from '../../src/core/random.ts'
import { table } from '../../src/data/index.ts'
import { training } from '../../src/index.ts'
import { clouds } from './fixture.ts'
import { nearestMean } from './nearestMean.ts'

export const nearestMeanTask = training.fromEstimator({
  name: 'nearest',
  config: { shrink: 0, jitter: 0 },
  objective: { metric: 'accuracy', direction: 'maximize' },
  data: () => clouds(200, { spread: 0.8 }).split({ test: 60 }),
  estimator: (config) => nearestMean(config),
})

/** y falls and rises with x, with noise. */
export function quantities(rows: number) {
  const chance = random('quantities')
  const x = Array.from({ length: rows }, () => [chance.uniform(), chance.uniform()])
  return table({ x, y: x.map(([a = 0]) => 1 + a + chance.normal() / 10) }, { name: 'quantities' })
}
