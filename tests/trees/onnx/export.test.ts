/** Ensembles in ONNX Runtime: the same rows reach the same leaves. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { likeliest } from '../../../src/estimator/index.ts'
import { createSession, loadOnnxruntime } from '../../../src/graph/index.ts'
import type { Ensemble } from '../../../src/trees/ensemble.ts'
import { ensembleToOnnx, importOnnx } from '../../../src/trees/onnx/index.ts'
import { type RandomEnsembleOptions, randomEnsemble, randomRows, slowOutputs } from '../randomTrees.ts'

const forms: Readonly<Record<string, RandomEnsembleOptions>> = {
  'a forest for values': { trees: 30 },
  'of two classes': { width: 2 },
  'of seven classes, deep': { width: 7, trees: 20, leaves: 200 },
  'values in double precision': { width: 3, precision: 'float64' },
  'boosting for values': { columns: 1, link: 'identity', precision: 'float64' },
  'boosting for positive values': { link: 'exp' },
  'boosting of two classes': { link: 'logistic', trees: 40 },
  'boosting of four classes': { link: 'softmax', columns: 4, trees: 12 },
  'boosting of two classes with a sum each': { link: 'softmax', columns: 2, trees: 12 },
  'a single leaf': { trees: 1, leaves: 1, width: 3 },
  'no tree yet': { trees: 0, link: 'logistic' },
}

export async function inOnnxruntime(ensemble: Ensemble, x: Float32Array, model = ensembleToOnnx(ensemble), threads = 1) {
  const ort = await loadOnnxruntime()
  const session = await createSession(ort, model, threads)
  try {
    const columns = ensemble.features.length
    const { output, label } = await session.run({ x: new ort.Tensor('float32', x, [x.length / columns, columns]) })
    return {
      shape: output?.dims,
      outputs: output?.data as Float32Array,
      labels: label && Float64Array.from(label.data as BigInt64Array, Number),
      names: session.outputNames,
    }
  } finally {
    await session.release()
  }
}

/**
 * Sums are rounded to float32 once and outputs once: half a unit each, 2^-24, of their size. What a link makes of a sum z moves
 * by |z| 2^-24 of its size besides (exp, and the others less); sums here are below 12.
 */
const bound = ({ link }: Ensemble) => (link === 'identity' ? 2 : 14) * 2 ** -24

describe('predictions are those of the slow way', () => {
  for (const [name, options] of Object.entries(forms)) {
    test(name, async () => {
      for (let seed = 0; seed < 4; seed++) {
        const ensemble = randomEnsemble(seed, options)
        const x = randomRows(seed, ensemble, 400)
        const want = slowOutputs(ensemble, x)
        const columns = want.length / 400
        const { shape, outputs, labels, names } = await inOnnxruntime(ensemble, x)
        assert.deepEqual(shape, [400, columns])
        for (let i = 0; i < want.length; i++) {
          const off = Math.abs((outputs[i] as number) - (want[i] as number))
          assert.ok(
            off <= Math.abs(want[i] as number) * bound(ensemble),
            `seed ${seed}, row ${Math.floor(i / columns)}: ${outputs[i]}, not ${want[i]}`,
          )
        }
        if (ensemble.task === 'classification') assert.deepEqual(labels, likeliest(want, columns))
        assert.deepEqual(names, ensemble.task === 'classification' ? ['output', 'label'] : ['output'])
      }
    })
  }

  test('also one row at a time, and with more threads', async () => {
    const ensemble = randomEnsemble(2, { width: 3, trees: 40 })
    const x = randomRows(2, ensemble, 2000)
    const { outputs } = await inOnnxruntime(ensemble, x)
    assert.deepEqual((await inOnnxruntime(ensemble, x, undefined, 2)).outputs, outputs)
    for (let row = 0; row < 5; row++) {
      const one = await inOnnxruntime(ensemble, x.slice(row * 5, row * 5 + 5))
      assert.deepEqual(one.outputs, outputs.slice(row * 3, row * 3 + 3))
    }
  })
})

test('every way through a set: each category, what no set can hold, fractions, missing', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const ensemble = randomEnsemble(seed, { features: [{ name: 'c', categories: 70 }], leaves: 6, trees: 8 })
    const x = Float32Array.from([
      ...Array.from({ length: 140 }, (_, c) => c - 20),
      Number.NaN,
      Infinity,
      -Infinity,
      -0,
      -0.5,
      0.5,
      3.25,
      95.9,
      -1e-40,
    ])
    const { outputs } = await inOnnxruntime(ensemble, x)
    assert.deepEqual(outputs, Float32Array.from(slowOutputs(ensemble, x)))
  }
})

test('sets that send all the missing way, and all the other way', async () => {
  const ensemble = randomEnsemble(1, { leaves: 2, trees: 1, features: [{ name: 'c', categories: 40 }] })
  const [tree] = ensemble.trees
  assert.ok(tree && tree.nodes === 3 && tree.sets)
  const x = Float32Array.of(0, 5, 31, 32, 63, 64, -1, Number.NaN, Infinity)
  for (const bits of [0, 0xffffffff])
    for (const missing of [0, 1]) {
      const one: Ensemble = {
        ...ensemble,
        trees: [{ ...tree, sets: Uint32Array.of(2, bits, bits), missingLeft: Uint8Array.of(missing, 0, 0) }],
      }
      const want: Float32Array = Float32Array.from(slowOutputs(one, x))
      assert.deepEqual((await inOnnxruntime(one, x)).outputs, want, `${bits} ${missing}`)
      assert.deepEqual(Float32Array.from(slowOutputs(importOnnx(ensembleToOnnx(one)), x)), want)
    }
})

test('any scale and base, there and back', async () => {
  for (const options of [{}, { width: 3 }, { width: 2 }, { link: 'logistic' as const }])
    for (const scale of [1, 1 / 7, 0.37])
      for (const base of [0, 1.5]) {
        const made = { ...randomEnsemble(5, options), scale }
        const ensemble = { ...made, base: made.base.map((_, k) => base * (k + 1)) }
        const x = randomRows(5, ensemble, 200)
        const want = slowOutputs(ensemble, x)
        const { outputs } = await inOnnxruntime(ensemble, x)
        const again = slowOutputs(importOnnx(ensembleToOnnx(ensemble)), x)
        for (let i = 0; i < want.length; i++) {
          const near = (1 + Math.abs(want[i] as number)) * 1e-6
          assert.ok(
            Math.abs((outputs[i] as number) - (want[i] as number)) <= near,
            `scale ${scale}, base ${base}: ${outputs[i]}, not ${want[i]}`,
          )
          assert.ok(Math.abs((again[i] as number) - (want[i] as number)) <= near * 1e-6)
        }
      }
})

test('a threshold of infinity sends only the missing right', async () => {
  const ensemble = randomEnsemble(1, { leaves: 2, trees: 1, features: [{ name: 'f' }] })
  const [tree] = ensemble.trees
  assert.ok(tree && tree.nodes === 3)
  const split = { ...tree, threshold: Float32Array.of(Infinity, 0, 0), missingLeft: Uint8Array.of(0, 0, 0) }
  const x = Float32Array.of(1e38, Infinity, -Infinity, Number.NaN)
  const { outputs } = await inOnnxruntime({ ...ensemble, trees: [split] }, x)
  assert.deepEqual(
    outputs,
    Float32Array.from([1, 1, 1, 2], (leaf) => tree.value[leaf] as number),
  )
})

test('labels are decided before rounding: classes whose shares differ by less than float32 can say', async () => {
  const ensemble = randomEnsemble(0, { width: 3, trees: 4, leaves: 1, precision: 'float32' })
  const shares = [
    [1 / 3, 2 / 3, 0],
    [1 / 3, 2 / 3, 0],
    [1 / 3, 2 / 3, 0],
    [1, 0, 0],
  ]
  const trees = ensemble.trees.map((tree, t) => ({ ...tree, value: Float32Array.from(shares[t] as number[]) }))
  const x = new Float32Array(5)
  const { outputs, labels } = await inOnnxruntime({ ...ensemble, trees }, x)
  assert.equal(outputs[0], outputs[1])
  assert.deepEqual(labels, likeliest(slowOutputs({ ...ensemble, trees }, x), 3))
  assert.deepEqual([...(labels ?? [])], [1])
})
