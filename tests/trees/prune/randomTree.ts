/** Trees by chance that keep the laws of `Tree`, with what pruning and prediction meet: ties, missing values, categories. */
import { random } from '../../../src/core/random.ts'
import type { Tree } from '../../../src/trees/tree.ts'

export interface Shape {
  readonly seed: number
  /** Rows at the root; a node of one row is a leaf. */
  readonly rows: number
  readonly features?: number
  readonly width?: number
  /** How often a split is by categories. */
  readonly categorical?: number
  /** How often a node that could be split is not. */
  readonly early?: number
  readonly precision?: Float32ArrayConstructor | Float64ArrayConstructor
}

/** Categories that splits know of; sets are shorter where the last ones go right. */
export const categories = 70

export function randomTree(shape: Shape): Tree {
  const { seed, rows, features = 4, width = 1, categorical = 0, early = 0.1, precision: Kind = Float64Array } = shape
  const chance = random(seed)
  const feature: number[] = []
  const threshold: number[] = []
  const right: number[] = []
  const missingLeft: number[] = []
  const setAt: number[] = []
  const sets: number[] = []
  const value: number[] = []
  const impurity: number[] = []
  const samples: number[] = []
  const weight: number[] = []
  const grow = (count: number, spread: number): void => {
    const node = feature.length
    samples.push(count)
    weight.push(count * (1 + (seed % 3)))
    impurity.push(spread)
    const raw = Array.from({ length: width }, () => chance.uniform())
    const sum = width === 1 ? 1 : raw.reduce((a, b) => a + b)
    const pure = width > 1 && chance.uniform() < 0.5 ? chance.int(width) : -1
    value.push(...raw.map((part, k) => (pure >= 0 ? Number(k === pure) : part / sum)))
    const splits = count > 1 && chance.uniform() >= early
    feature.push(splits ? chance.int(features) : -1)
    right.push(-1)
    setAt.push(-1)
    missingLeft.push(splits ? chance.int(2) : 0)
    if (!splits) {
      threshold.push(0)
      return
    }
    if (chance.uniform() < categorical) {
      threshold.push(0)
      setAt[node] = sets.length
      const words = 1 + chance.int(3)
      sets.push(words, ...Array.from({ length: words }, () => chance.bits()))
    } else threshold.push(Math.fround(chance.normal()))
    const left = 1 + chance.int(count - 1)
    // Coarse, so that equal decreases happen.
    const less = (): number => (spread * (1 + chance.int(4))) / 4
    grow(left, less())
    right[node] = feature.length
    grow(count - left, less())
  }
  grow(rows, 0.75)
  return {
    nodes: feature.length,
    width,
    feature: Int32Array.from(feature),
    threshold: Float32Array.from(threshold),
    right: Int32Array.from(right),
    missingLeft: Uint8Array.from(missingLeft),
    setAt: sets.length > 0 ? Int32Array.from(setAt) : undefined,
    sets: sets.length > 0 ? Uint32Array.from(sets) : undefined,
    value: Kind.from(value),
    impurity: Kind.from(impurity),
    samples: Int32Array.from(samples),
    weight: Kind.from(weight),
  }
}

const strange = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -0.5, 0, categories, 96, 1e9, 2 ** 40, -(2 ** 33)]

/** Rows with ordinary numbers, codes of categories, and all that is strange. */
export function randomRows(seed: number, rows: number, features: number): Float32Array {
  const chance = random(seed).fork('rows')
  return Float32Array.from({ length: rows * features }, () => {
    const kind = chance.int(5)
    if (kind === 0) return strange[chance.int(strange.length)] as number
    return kind === 1 ? chance.int(categories) : chance.normal()
  })
}
