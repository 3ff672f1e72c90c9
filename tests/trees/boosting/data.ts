/** Generated tables for the laws of boosting. */
import { random } from '../../../src/core/random.ts'
import type { Examples, Feature } from '../../../src/estimator/index.ts'

/** Four quantities (one with few values, one with missing values), six flags of which one is set, and a category of 12. */
export function mixed(rows: number, seed: number, classes = 0): Examples {
  const chance = random(seed)
  const features: Feature[] = [
    ...['a', 'b', 'few', 'gaps'].map((name) => ({ name })),
    ...Array.from({ length: 6 }, (_, k) => ({ name: `flag${k}` })),
    { name: 'kind', categories: 12 },
  ]
  const width = features.length
  const x = new Float32Array(rows * width)
  const y = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    const own = x.subarray(row * width, (row + 1) * width)
    own[0] = chance.normal()
    own[1] = chance.uniform() * 100
    own[2] = chance.int(4)
    own[3] = chance.uniform() < 0.3 ? Number.NaN : chance.normal()
    const flag = chance.int(6)
    own[4 + flag] = 1
    own[10] = chance.int(12)
    const gap = Number.isNaN(own[3]) ? 1.5 : Math.sin(2 * (own[3] as number))
    const value =
      (own[0] as number) + Math.cos((own[1] as number) / 15) + gap + ([0, 2, -1, 1, 0, -2][flag] as number) / 2 + ((own[10] * 7) % 12) / 6
    const noisy = value + 0.3 * chance.normal()
    y[row] = classes === 0 ? noisy : Math.max(0, Math.min(classes - 1, Math.floor((noisy + 2) * (classes / 6))))
  }
  return { name: 'mixed', rows, features, x, y, classes: undefined, task: classes === 0 ? 'regression' : 'classification' }
}

/** J. H. Friedman: Multivariate Adaptive Regression Splines (1991): ten uniform features, five of which matter. */
export function friedman1(rows: number, seed: number): Examples {
  const chance = random(seed)
  const features = Array.from({ length: 10 }, (_, k) => ({ name: `x${k}` }))
  const x = Float32Array.from({ length: rows * 10 }, () => chance.uniform())
  const y = Float64Array.from({ length: rows }, (_, row) => {
    const [a, b, c, d, e] = x.subarray(row * 10, row * 10 + 5) as unknown as [number, number, number, number, number]
    return 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e + chance.normal()
  })
  return { name: 'Friedman 1', rows, features, x, y, classes: undefined, task: 'regression' }
}

/** One quantity a row or more, given as they are. */
export function table(rows: readonly (readonly number[])[], y: readonly number[], features?: readonly Feature[]): Examples {
  const width = (rows[0] as readonly number[]).length
  return {
    name: 'given',
    rows: rows.length,
    features: features ?? Array.from({ length: width }, (_, k) => ({ name: `x${k}` })),
    x: Float32Array.from(rows.flat()),
    y: Float64Array.from(y),
    classes: undefined,
    task: undefined,
  }
}
