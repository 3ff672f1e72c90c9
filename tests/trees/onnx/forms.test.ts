/** Forms that converters write beside the fixtures', made by hand: read, they give what ONNX Runtime makes of the same file. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TuttiError } from '../../../src/core/errors.ts'
import { random } from '../../../src/core/random.ts'
import { createSession, encodeModel, loadOnnxruntime, type OnnxAttr } from '../../../src/graph/index.ts'
import type { DType } from '../../../src/tensor/index.ts'
import type { Ensemble } from '../../../src/trees/ensemble.ts'
import { treeAttributes } from '../../../src/trees/onnx/attributes.ts'
import { importOnnx } from '../../../src/trees/onnx/index.ts'
import type { Tree } from '../../../src/trees/tree.ts'
import { randomRows, randomTree, slowOutputs } from '../randomTrees.ts'

const features = [{ name: 'x0' }, { name: 'x1' }, { name: 'x2' }]

interface Made {
  readonly trees: readonly Tree[]
  readonly width: number
  readonly type: 'Classifier' | 'Regressor'
  /** The class of each tree of one number. */
  readonly classOf?: (tree: number) => number
  readonly attrs?: Readonly<Record<string, OnnxAttr>>
}

function made({ trees, width, type, classOf, attrs = {} }: Made): Uint8Array {
  const prefix = type === 'Classifier' ? 'class' : 'target'
  const own = treeAttributes({ trees, width }, 1, prefix)
  const ids = classOf && Int32Array.from(own[`${prefix}_treeids`] as Int32Array, classOf)
  const classes: Record<string, OnnxAttr> =
    type === 'Classifier' ? { classlabels_int64s: Int32Array.from({ length: Math.max(2, width) }, (_, k) => k * 10) } : {}
  return encodeModel({
    graphName: 'made',
    producerVersion: '0',
    opsets: { '': 20, 'ai.onnx.ml': 3 },
    nodes: [
      { type: 'Cast', domain: '', name: 'cast', inputs: ['x'], outputs: ['wide'], attrs: { to: 11 } },
      {
        type: `TreeEnsemble${type}`,
        domain: 'ai.onnx.ml',
        name: 'trees',
        inputs: ['wide'],
        outputs: type === 'Classifier' ? ['label', 'y'] : ['y'],
        attrs: { ...own, ...(ids && { [`${prefix}_ids`]: ids }), ...classes, ...attrs },
      },
    ],
    initializers: {},
    inputs: { x: { dtype: 'float32', shape: ['batch', 3] } },
    outputs: { y: { dtype: 'float32' as DType, shape: ['batch', type === 'Classifier' ? Math.max(2, width) : 1] } },
    metadata: {},
  })
}

const treesOf = (seed: number, count: number, width = 1, values?: 'any'): Tree[] =>
  Array.from({ length: count }, (_, t) =>
    randomTree(random(seed).fork(t), { features, width, ...(values && { values }), precision: 'float64' }),
  )
const positive = (trees: readonly Tree[], scale: number): Tree[] =>
  trees.map((tree) => ({ ...tree, value: (tree.value as Float64Array).map((value) => (Math.abs(value) % 1) * scale) }))

async function agrees(model: Uint8Array): Promise<Ensemble> {
  const ensemble = importOnnx(model)
  const x = randomRows(4, ensemble, 300)
  const ort = await loadOnnxruntime()
  const session = await createSession(ort, model, 1)
  const { y } = await session.run({ x: new ort.Tensor('float32', x, [300, 3]) }, ['y'])
  await session.release()
  const got = slowOutputs(ensemble, x)
  const want = y?.data as Float32Array
  assert.equal(got.length, want.length)
  for (let i = 0; i < want.length; i++)
    assert.ok(Math.abs((got[i] as number) - (want[i] as number)) < 1e-6, `number ${i}: ${got[i]}, not ${want[i]}`)
  return ensemble
}

describe('classes', () => {
  test('two, with leaves that speak for both', async () => {
    const ensemble = await agrees(made({ trees: positive(treesOf(1, 5, 2), 0.2), width: 2, type: 'Classifier' }))
    assert.deepEqual([ensemble.width, ensemble.scale, ensemble.link, ensemble.classes], [2, 1 / 5, 'identity', ['0', '10']])
  })

  const classOf = () => 0
  test('two, with leaves that speak for the first alone', async () => {
    const ensemble = await agrees(made({ trees: positive(treesOf(2, 4), 0.25), width: 1, type: 'Classifier', classOf }))
    assert.deepEqual([ensemble.width, ensemble.trees[0]?.width, ensemble.scale], [2, 2, 1 / 4])
  })

  test('the same from a base, with several trees and with one', async () => {
    const attrs = { base_values: { floats: [0.125] } }
    await agrees(made({ trees: positive(treesOf(2, 4), 0.2), width: 1, type: 'Classifier', classOf, attrs }))
    await agrees(made({ trees: positive(treesOf(3, 1), 0.5), width: 1, type: 'Classifier', classOf, attrs }))
  })

  test('the same, boosted', async () => {
    const attrs = { post_transform: 'LOGISTIC', base_values: { floats: [-0.5] } }
    const ensemble = await agrees(made({ trees: treesOf(5, 6), width: 1, type: 'Classifier', classOf, attrs }))
    assert.deepEqual([ensemble.width, ensemble.link, [...ensemble.base]], [1, 'logistic', [-0.5]])
  })

  test('three, boosted: trees in turn, class after class, and not as many for each', async () => {
    const attrs = { post_transform: 'SOFTMAX', base_values: { floats: [0.5, -1, 0] } }
    const widths: (number | undefined)[] = []
    for (const classOf of [
      (t: number) => t % 3,
      (t: number) => Math.floor(t / 2),
      (t: number) => [2, 1, 0, 0, 2, 1][t] as number,
      (t: number) => (t < 4 ? 0 : t - 3),
    ])
      widths.push((await agrees(made({ trees: treesOf(6, 6), width: 3, type: 'Classifier', classOf, attrs }))).trees[0]?.width)
    assert.deepEqual(widths, [1, 1, 1, 3])
    assert.equal((await agrees(made({ trees: treesOf(7, 4, 3, 'any'), width: 3, type: 'Classifier', attrs }))).trees[0]?.width, 3)
  })

  test('with forms that are none of these', () => {
    const refused = (what: RegExp, more: Partial<Made>) =>
      assert.throws(
        () => importOnnx(made({ trees: treesOf(8, 3), width: 3, type: 'Classifier', ...more })),
        (error) => error instanceof TuttiError && error.code === 'FILE_UNSUPPORTED' && what.test(error.message),
      )
    refused(/no probabilities/, {})
    refused(/LOGISTIC of 3 sums/, { attrs: { post_transform: 'LOGISTIC' } })
    refused(/SOFTMAX of one sum/, { width: 1, classOf: () => 0, attrs: { post_transform: 'SOFTMAX' } })
    refused(/second of two classes alone/, { width: 1, classOf: () => 1 })
    refused(/a base each/, { trees: treesOf(8, 3, 2), width: 2, attrs: { post_transform: 'SOFTMAX', base_values: { floats: [1, 2] } } })
    assert.throws(() => importOnnx(made({ trees: treesOf(8, 3), width: 3, type: 'Classifier', classOf: () => 7 })), /class 7 of 3/)
    refused(/1 class,/, { width: 1, attrs: { classlabels_int64s: Int32Array.of(4) } })
  })
})

test('values: sums and averages, with and without a base', async () => {
  for (const aggregate_function of ['SUM', 'AVERAGE'])
    for (const base of [{}, { base_values: { floats: [2.5] } }] as Record<string, OnnxAttr>[])
      await agrees(made({ trees: treesOf(9, 7), width: 1, type: 'Regressor', attrs: { n_targets: 1, aggregate_function, ...base } }))
})
