/** Means and standard deviations over folds. */
import type { Metrics } from '../environment.ts'

/** Of each metric that every fold has. The deviation is the population's, as numpy's and scikit-learn's `std_test_score`. */
export function meanAndStd(folds: readonly Metrics[]): { mean: Metrics; std: Metrics } {
  const names = Object.keys(folds[0] ?? {}).filter((name) => folds.every((metrics) => Object.hasOwn(metrics, name)))
  const values = (name: string) => folds.map((metrics) => metrics[name] as number)
  const mean = Object.fromEntries(names.map((name) => [name, average(values(name))]))
  const std = Object.fromEntries(
    names.map((name) => [name, Math.sqrt(average(values(name).map((value) => (value - (mean[name] as number)) ** 2)))]),
  )
  return { mean, std }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
