import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Examples } from '../../../src/estimator/index.ts'
import type { Ensemble, Link } from '../../../src/trees/ensemble.ts'
import { compile, outputs, prefixOutputs } from '../../../src/trees/predict/index.ts'
import { pack } from '../../../src/trees/predict/pack.ts'
import { callsBefore } from '../../../src/trees/predict/row.ts'
import { webAssembly } from '../../../src/trees/webAssembly.ts'
import fc from '../../laws.ts'
import { randomTree, randomRows as strangeRows } from '../prune/randomTree.ts'
import { randomEnsemble, randomRows, slowOutputs } from '../randomTrees.ts'

const shapes = fc.record({
  link: fc.constantFrom<Link>('identity', 'logistic', 'softmax', 'exp'),
  width: fc.constantFrom(1, 7),
  columns: fc.constantFrom(1, 3),
  trees: fc.integer({ min: 1, max: 20 }),
  leaves: fc.constantFrom(1, 15, 60),
  precision: fc.constantFrom<'float32' | 'float64'>('float32', 'float64'),
  ordinary: fc.boolean(),
})

/** An ensemble of any kind: `ordinary` has quantities only, so that all its trees are packed. */
function someEnsemble(
  seed: number,
  { link, width, columns, ordinary, ...rest }: typeof shapes extends fc.Arbitrary<infer S> ? S : never,
): Ensemble {
  const features = ordinary ? { features: Array.from({ length: 5 }, (_, k) => ({ name: `f${k}` })) } : {}
  if (link === 'identity' && width > 1) return randomEnsemble(seed, { ...rest, ...features, width })
  return randomEnsemble(seed, { ...rest, ...features, link, columns: link === 'softmax' ? 3 : link === 'identity' ? columns : 1 })
}

const examplesOf = ({ features }: Ensemble, x: Float32Array): Examples => ({
  name: 'rows',
  rows: x.length / features.length,
  features,
  x,
  y: undefined,
  classes: undefined,
  task: undefined,
})

test('outputs are those of walking slowly, to the bit, for any rows', () => {
  fc.assert(
    fc.property(fc.nat(1e6), shapes, fc.constantFrom(0, 1, 2, 3, 63, 64, 65, 71), fc.boolean(), (seed, shape, rows, strange) => {
      const ensemble = someEnsemble(seed, shape)
      const x = strange ? strangeRows(seed, rows, ensemble.features.length) : randomRows(seed, ensemble, rows)
      assert.deepEqual(outputs(compile(ensemble), x, rows), slowOutputs(ensemble, x))
    }),
    { numRuns: 400 },
  )
})

test('few rows that are asked for again and again, and then walk many trees at once, have the same outputs', () => {
  const oneByOne = fc.constantFrom(1, 2, 3, 63)
  fc.assert(
    fc.property(fc.nat(1e6), shapes, oneByOne, fc.boolean(), (seed, shape, rows, strange) => {
      const ensemble = someEnsemble(seed, shape)
      const compiled = compile(ensemble)
      for (let call = 0; call < callsBefore + 4; call++) {
        const x = strange ? strangeRows(seed + call, rows, ensemble.features.length) : randomRows(seed + call, ensemble, rows)
        assert.deepEqual(outputs(compiled, x, rows), slowOutputs(ensemble, x), `call ${call}`)
      }
    }),
    { numRuns: 150 },
  )
})

test('where there is no memory for many trees at once, rows walk as before', (t) => {
  const ensemble = someEnsemble(11, { link: 'identity', width: 7, columns: 1, trees: 20, leaves: 60, precision: 'float32', ordinary: true })
  const compiled = compile(ensemble)
  const x = randomRows(3, ensemble, 1)
  let refused = 0
  class NoMemory {
    constructor() {
      refused++
      throw new RangeError('could not allocate memory')
    }
  }
  t.mock.property(webAssembly, 'Memory', NoMemory as never)
  for (let call = 0; call < callsBefore + 4; call++) assert.deepEqual(outputs(compiled, x, 1), slowOutputs(ensemble, x))
  assert.equal(refused, 1)
})

test('rows without a missing value take the shorter way to the same outputs, in any order of asking', () => {
  const ensemble = someEnsemble(11, { link: 'identity', width: 7, columns: 1, trees: 20, leaves: 60, precision: 'float32', ordinary: true })
  const compiled = compile(ensemble)
  const missing = randomRows(3, ensemble, 300)
  const whole = missing.map((value) => (Number.isNaN(value) ? 0.25 : value))
  for (const x of [whole, missing, whole]) assert.deepEqual(outputs(compiled, x, 300), slowOutputs(ensemble, x))
  assert.equal(compiled.packed(false).columns, 5)
  assert.ok(compiled.packed(true).columns > 5)
})

test('rows give the same outputs alone as among thousands, on both sides of every block', () => {
  const ensemble = randomEnsemble(5, { trees: 9, width: 7 })
  const compiled = compile(ensemble)
  const features = ensemble.features.length
  const rows = 2 * 16_384 + 80
  const x = randomRows(5, ensemble, rows)
  const together = outputs(compiled, x, rows)
  for (const row of [0, 1, 16_383, 16_384, 16_385, 32_767, 32_768, rows - 2, rows - 1]) {
    const alone = x.slice(row * features, (row + 1) * features)
    assert.deepEqual(together.slice(row * 7, row * 7 + 7), outputs(compiled, alone, 1), `row ${row}`)
    assert.deepEqual(together.slice(row * 7, row * 7 + 7), slowOutputs(ensemble, alone), `row ${row}`)
  }
})

test('a prefix gives what the ensemble of those trees alone gives', () => {
  fc.assert(
    fc.property(
      fc.nat(1e6),
      shapes,
      fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
      (seed, shape, some) => {
        const ensemble = someEnsemble(seed, { ...shape, trees: 30 })
        const prefixes = some.sort((a, b) => a - b)
        const rows = 40 + (seed % 2) * 230
        const x = randomRows(seed, ensemble, rows)
        for (const scaleOf of [undefined, () => 1]) {
          const found = [...prefixOutputs(ensemble, prefixes, examplesOf(ensemble, x), scaleOf)]
          const alone = prefixes.map((count) => ({ ...ensemble, trees: ensemble.trees.slice(0, count), scale: scaleOf ? 1 : 1 / count }))
          assert.deepEqual(
            found,
            alone.map((smaller) => outputs(compile(smaller), x, rows)),
          )
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('two ensembles asked in turn do not disturb each other', () => {
  const [one, other] = [randomEnsemble(1, { trees: 9, width: 7 }), randomEnsemble(2, { trees: 9 })] as [Ensemble, Ensemble]
  const asked = (ensemble: Ensemble) => prefixOutputs(ensemble, [3, 6, 9], examplesOf(ensemble, randomRows(4, ensemble, 200)))
  const [a, b] = [asked(one), asked(other)]
  const inTurn = [0, 1, 2].map(() => [a.next().value, b.next().value])
  assert.deepEqual(
    inTurn.map(([first]) => first),
    [...asked(one)],
  )
  assert.deepEqual(
    inTurn.map(([, second]) => second),
    [...asked(other)],
  )
})

test('trees too large for their many columns are walked all the same', () => {
  const features = 1 << 19
  const names = { length: features, at: () => undefined } as unknown as Ensemble['features']
  const small = randomTree({ seed: 1, rows: 20, features: 40 })
  const large = randomTree({ seed: 4, rows: 3000, features: 40, early: 0 })
  const trees = [small, large, small]
  const ensemble: Ensemble = { ...randomEnsemble(1), trees, features: names, width: 1, base: new Float64Array(1) }
  assert.deepEqual(
    [...pack(trees, features, false).roots].map((root) => root >= 0),
    [true, false, true],
  )
  const x = new Float32Array(features * 2)
  x.set(strangeRows(1, 1, 40))
  x.set(strangeRows(2, 1, 40), features)
  assert.deepEqual(outputs(compile(ensemble), x, 2), slowOutputs(ensemble, x))
})

test('leaves that are sure of a label are packed as that label', () => {
  const sure = randomTree({ seed: 8, rows: 300, width: 7, early: 0 })
  const packed = pack([sure], 4, false)
  const leaves = [...sure.feature.keys()].filter((node) => (sure.feature[node] as number) < 0)
  const unsure = leaves.filter((node) => !sure.value.subarray(node * 7, node * 7 + 7).includes(1))
  assert.ok(unsure.length > 0 && unsure.length < leaves.length)
  assert.equal(packed.values.length, unsure.length * 7)
})
