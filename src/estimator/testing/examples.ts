/** Examples to try estimators on. */
import { random } from '../../core/random.ts'
import type { Examples, Feature, Task } from '../index.ts'

export interface Drawn {
  readonly seed: number
  readonly rows: number
  readonly task: Task
  readonly missing: boolean
  readonly categories: boolean
}

/**
 * Rows whose target depends on 'a', 'b' and, where there are categories, on 'kind'; 'noise' says nothing. Three labels, or a
 * quantity.
 */
export function drawn({ seed, rows, task, missing, categories }: Drawn): Examples {
  const chance = random(seed).fork('examples')
  const features: Feature[] = [{ name: 'a' }, { name: 'b' }, { name: 'noise' }, ...(categories ? [{ name: 'kind', categories: 6 }] : [])]
  const width = features.length
  const x = new Float32Array(rows * width)
  const y = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    const [a, b, noise, kind] = [chance.normal(), chance.normal(), chance.normal(), chance.int(6)]
    const value = a + b / 2 + (categories ? (kind % 2) - 0.5 : 0) + chance.normal() / 4
    x.set([a, b, noise, ...(categories ? [kind] : [])], row * width)
    y[row] = task === 'regression' ? value : value < -0.5 ? 0 : value < 0.5 ? 1 : 2
    if (missing && chance.uniform() < 0.1) x[row * width + chance.int(3)] = Number.NaN
  }
  const classes = task === 'classification' ? ['low', 'middle', 'high'] : undefined
  return { name: `drawn ${seed}`, rows, features, x, y, classes, task }
}

/** Some of the rows. */
export function withRows(examples: Examples, start: number, end: number): Examples {
  const width = examples.features.length
  return {
    ...examples,
    rows: end - start,
    x: examples.x.slice(start * width, end * width),
    ...(examples.y && { y: examples.y.slice(start, end) }),
  }
}
