/** Ensembles out of ONNX files: what converters wrote for other libraries (fixtures, by tests/heavy/trees/*_to_onnx.py), and our own. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { TuttiError } from '../../../src/core/errors.ts'
import { random } from '../../../src/core/random.ts'
import { likeliest } from '../../../src/estimator/index.ts'
import { createSession, encodeModel, loadOnnxruntime, type OnnxAttr, type OnnxNode } from '../../../src/graph/index.ts'
import { type DType, tensor } from '../../../src/tensor/index.ts'
import type { Ensemble } from '../../../src/trees/ensemble.ts'
import { brokenLaw } from '../../../src/trees/json/laws.ts'
import { describeEnsemble, ensembleKey } from '../../../src/trees/onnx/described.ts'
import { floatAtMost, floatUnder } from '../../../src/trees/onnx/float32.ts'
import { ensembleToOnnx, importOnnx, knowsOnlyLeaves } from '../../../src/trees/onnx/index.ts'
import { leafOf } from '../../../src/trees/tree.ts'
import fc from '../../laws.ts'
import { type RandomEnsembleOptions, randomEnsemble, randomRows, slowOutputs } from '../randomTrees.ts'

const folder = join(import.meta.dirname, 'fixtures')
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.onnx'))
const fixture = (name: string) => readFileSync(join(folder, name))

/** The last output of a model: probabilities or values. */
async function runs(model: Uint8Array, x: Float32Array, columns: number): Promise<ArrayLike<number>> {
  const ort = await loadOnnxruntime()
  const session = await createSession(ort, model, 1)
  try {
    const output = session.outputNames.at(-1) as string
    const results = await session.run({ [session.inputNames[0] as string]: new ort.Tensor('float32', x, [x.length / columns, columns]) }, [
      output,
    ])
    return results[output]?.data as Float32Array
  } finally {
    await session.release()
  }
}

function assertNear(got: ArrayLike<number>, want: ArrayLike<number>, near: number): void {
  assert.equal(got.length, want.length)
  for (let i = 0; i < want.length; i++)
    assert.ok(
      Math.abs((got[i] as number) - (want[i] as number)) <= near * (1 + Math.abs(want[i] as number)),
      `number ${i}: ${got[i]}, not ${want[i]}`,
    )
}

describe("scikit-learn's, LightGBM's and XGBoost's, as ONNX Runtime runs the same file", () => {
  test('are all there', () => assert.equal(fixtures.length, 25))

  for (const name of fixtures) {
    test(name.replace('.onnx', ''), async () => {
      const bytes = fixture(name)
      const ensemble = importOnnx(bytes)
      assert.equal(ensemble.features.length, 6)
      assert.equal(ensemble.task, name.includes('value') ? 'regression' : 'classification')
      for (const tree of ensemble.trees) {
        assert.equal(brokenLaw(tree, 6), undefined)
        assert.ok(knowsOnlyLeaves(tree))
      }
      const x = randomRows(1, ensemble, 500)
      // The file's own sums are of float32.
      if (!name.includes('named')) assertNear(slowOutputs(ensemble, x), await runs(bytes, x, 6), 1e-6)
      else assert.deepEqual(ensemble.classes, ['high', 'low', 'middle'])
      // And from here to ONNX again, in double precision.
      const again = importOnnx(ensembleToOnnx(ensemble))
      assertNear(slowOutputs(again, x), slowOutputs(ensemble, x), 1e-12)
    })
  }

  test('forests keep the shares of their leaves, and boosting its forms', () => {
    for (const name of ['forest-two.onnx', 'forest-three.onnx', 'extra-named.onnx']) {
      const { trees, width, scale, link } = importOnnx(fixture(name))
      assert.deepEqual([scale, link, width], [1 / 3, 'identity', name.includes('two') ? 2 : 3])
      for (const tree of trees)
        for (let node = 0; node < tree.nodes; node++) {
          if ((tree.feature[node] as number) >= 0) continue
          const sum = [...tree.value.subarray(node * width, (node + 1) * width)].reduce((a, b) => a + b, 0)
          assert.ok(Math.abs(sum - 1) < 1e-6, `${name}: ${sum}`)
        }
    }
    const two = importOnnx(fixture('boosting-two.onnx'))
    assert.deepEqual([two.link, two.width, two.trees.length], ['logistic', 1, 3])
    const three = importOnnx(fixture('hist-three.onnx'))
    assert.deepEqual([three.link, three.width, three.trees.length, three.trees[0]?.width], ['softmax', 3, 9, 1])
  })
})

const forms: RandomEnsembleOptions[] = [
  {},
  { width: 2 },
  { width: 4, leaves: 60 },
  { width: 3, precision: 'float64' },
  { link: 'logistic' },
  { link: 'exp' },
  { link: 'softmax', columns: 3, trees: 6 },
  { link: 'softmax', columns: 2, trees: 6 },
  { trees: 0, link: 'logistic' },
  { trees: 1, leaves: 1, width: 3 },
]

describe('what was written here is read again', () => {
  test('it predicts the same, to the bit', () => {
    for (const [seed, form] of forms.entries()) {
      const ensemble = randomEnsemble(seed, form)
      const again = importOnnx(ensembleToOnnx(ensemble))
      const x = randomRows(seed, ensemble, 300)
      assert.deepEqual(slowOutputs(again, x), slowOutputs(ensemble, x))
      const { trees: _, ...head } = ensemble
      const { trees, ...headAgain } = again
      assert.deepEqual(headAgain, head)
      for (const tree of trees) assert.equal(brokenLaw(tree, ensemble.features.length), undefined)
    }
  })

  test('trees without sets are the same trees, node by node', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 3 }), (seed, width) => {
        const features = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
        const { trees } = randomEnsemble(seed, { features, width, leaves: 25, trees: 3 })
        const again = importOnnx(ensembleToOnnx(randomEnsemble(seed, { features, width, leaves: 25, trees: 3 }))).trees
        for (const [t, tree] of trees.entries()) {
          const same = again[t] as (typeof trees)[number]
          for (const name of ['feature', 'right', 'missingLeft', 'threshold'] as const) {
            const asked = (_: number, node: number) => (tree.feature[node] as number) >= 0 || name === 'feature' || name === 'right'
            assert.deepEqual([...same[name]].filter(asked), [...tree[name]].filter(asked), name)
          }
          for (let node = 0; node < tree.nodes; node++)
            for (let k = 0; k < width; k++)
              if ((tree.feature[node] as number) < 0) assert.equal(same.value[node * width + k], tree.value[node * width + k])
        }
      }),
      { numRuns: 40 },
    )
  })

  test('sets are read as sets: every category goes where it went, also what no set can hold', () => {
    for (let seed = 0; seed < 40; seed++) {
      const features = [{ name: 'c', categories: 70 }, { name: 'd', categories: 5 }, { name: 'f' }]
      const ensemble = randomEnsemble(seed, { features, leaves: 12, trees: 3, precision: 'float64' })
      const again = importOnnx(ensembleToOnnx(ensemble))
      const values = [...Array.from({ length: 110 }, (_, c) => c - 5), Number.NaN, Infinity, -Infinity, 3.5, -0.5]
      const x = Float32Array.from(values.flatMap((v, i) => [v, values[(i * 7) % values.length] as number, i % 3]))
      assert.deepEqual(slowOutputs(again, x), slowOutputs(ensemble, x))
      for (const name of ['feature', 'right', 'missingLeft'] as const)
        assert.deepEqual(
          again.trees.map((tree) => [...tree[name]].filter((_, node) => (tree.feature[node] as number) >= 0)),
          ensemble.trees.map((tree) => [...tree[name]].filter((_, node) => (tree.feature[node] as number) >= 0)),
        )
    }
  })
})

/** x < or <= or > or >= or = or is not 1.5, or 3 in the last two; 1 where yes, 2 where no. */
function question(mode: string, threshold: number, tracks: number): OnnxNode {
  return operator('TreeEnsembleRegressor', {
    n_targets: 1,
    nodes_treeids: Int32Array.of(0, 0, 0),
    nodes_nodeids: Int32Array.of(0, 1, 2),
    nodes_featureids: Int32Array.of(0, 0, 0),
    nodes_modes: { words: [mode, 'LEAF'], codes: Uint8Array.of(0, 1, 1) },
    nodes_values: { floats: [threshold, 0, 0] },
    nodes_truenodeids: Int32Array.of(1, 0, 0),
    nodes_falsenodeids: Int32Array.of(2, 0, 0),
    nodes_missing_value_tracks_true: Int32Array.of(tracks, 0, 0),
    target_treeids: Int32Array.of(0, 0),
    target_nodeids: Int32Array.of(1, 2),
    target_ids: Int32Array.of(0, 0),
    target_weights: { floats: [1, 2] },
  })
}

function operator(type: string, attrs: Readonly<Record<string, OnnxAttr>>): OnnxNode {
  return { type, domain: 'ai.onnx.ml', name: 'trees', inputs: ['x'], outputs: type.endsWith('Regressor') ? ['y'] : ['label', 'y'], attrs }
}

function model(nodes: readonly OnnxNode[], columns = 1, width = 1): Uint8Array {
  return encodeModel({
    graphName: 'made',
    producerVersion: '0',
    opsets: { '': 20, 'ai.onnx.ml': 3 },
    nodes,
    initializers: {},
    inputs: { x: { dtype: 'float32', shape: ['batch', columns] } },
    outputs: { y: { dtype: 'float32' as DType, shape: ['batch', width] } },
    metadata: {},
  })
}

describe('questions of all kinds', () => {
  const values = Float32Array.of(1.4999999, 1.5, 1.5000001, 3, 2.9999998, 3.0000002, -1, 0, 40, Infinity, -Infinity, Number.NaN)
  for (const mode of ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GT', 'BRANCH_GTE']) {
    for (const tracks of [0, 1]) {
      test(`${mode}${tracks ? ', missing is yes' : ''}`, async () => {
        for (const threshold of [1.5, 3, 0, -1]) {
          const made = model([question(mode, threshold, tracks)])
          assert.deepEqual(slowOutputs(importOnnx(made), values), Float64Array.from(await runs(made, values, 1)))
        }
      })
    }
  }

  test('BRANCH_EQ is a set of one category', async () => {
    const made = model([question('BRANCH_EQ', 3, 0)])
    const whole = Float32Array.of(0, 1, 2, 3, 4, 31, 32, 40, Number.NaN, -1)
    const ensemble = importOnnx(made)
    assert.deepEqual(slowOutputs(ensemble, whole), Float64Array.from(await runs(made, whole, 1)))
    assert.deepEqual(ensemble.features, [{ name: 'x0', categories: 4 }])
  })

  test('a chain of them with one yes-branch is one set, as LightGBM has it', async () => {
    const links = [2, 40, 5]
    const made = model([
      operator('TreeEnsembleRegressor', {
        n_targets: 1,
        nodes_treeids: new Int32Array(5),
        nodes_nodeids: Int32Array.of(0, 1, 2, 3, 4),
        nodes_featureids: new Int32Array(5),
        nodes_modes: { words: ['BRANCH_EQ', 'LEAF'], codes: Uint8Array.of(0, 0, 0, 1, 1) },
        nodes_values: { floats: [...links, 0, 0] },
        nodes_truenodeids: Int32Array.of(3, 3, 3, 0, 0),
        nodes_falsenodeids: Int32Array.of(1, 2, 4, 0, 0),
        target_treeids: new Int32Array(2),
        target_nodeids: Int32Array.of(3, 4),
        target_ids: new Int32Array(2),
        target_weights: { floats: [1, 2] },
      }),
    ])
    const whole = Float32Array.from([...Array.from({ length: 70 }, (_, c) => c), Number.NaN, -1, 1e9])
    const ensemble = importOnnx(made)
    assert.equal(ensemble.trees[0]?.nodes, 3)
    assert.deepEqual(slowOutputs(ensemble, whole), Float64Array.from(await runs(made, whole, 1)))
    for (const c of links) assert.equal(leafOf(ensemble.trees[0]!, [c]), 1)
  })

  test('thresholds of double precision are met by the float32 that say the same', () => {
    const bits = new Float32Array(1)
    const words = new Uint32Array(bits.buffer)
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.integer({ min: -2, max: 2 }), (threshold, step) => {
        bits[0] = threshold
        words[0]! += step
        const value = bits[0] as number
        if (Number.isNaN(value)) return
        assert.equal(value <= floatAtMost(threshold), value <= threshold)
        if (threshold > -Infinity) assert.equal(value <= floatUnder(threshold), value < threshold)
      }),
      { numRuns: 2000 },
    )
    for (const threshold of [0, -0, 2 ** -149, -(2 ** -149), 1e-300, -1e-300, 3.5e38, -3.5e38, Infinity]) {
      for (const value of [0, 2 ** -149, -(2 ** -149), 3.4028234663852886e38, -3.4028234663852886e38, Infinity, -Infinity]) {
        assert.equal(value <= floatAtMost(threshold), value <= threshold)
        assert.equal(value <= floatUnder(threshold), value < threshold)
      }
    }
  })
})

describe('what cannot be read is refused in one sentence', () => {
  const refused = (bytes: Uint8Array, code: string, pattern: RegExp) =>
    assert.throws(
      () => importOnnx(bytes, { file: 'it.onnx' }),
      (error) => error instanceof TuttiError && error.code === code && error.message.startsWith('it.onnx ') && pattern.test(error.message),
    )
  const spoilt = (attrs: Record<string, OnnxAttr>) =>
    model([{ ...question('BRANCH_LEQ', 1, 0), attrs: { ...question('BRANCH_LEQ', 1, 0).attrs, ...attrs } }])
  const without = (name: string) => {
    const { [name]: _, ...attrs } = question('BRANCH_LEQ', 1, 0).attrs
    return model([{ ...question('BRANCH_LEQ', 1, 0), attrs }])
  }

  test('other models, other forms', () => {
    const node = question('BRANCH_LEQ', 1, 0)
    refused(model([{ ...node, type: 'Gemm' }]), 'FILE_UNSUPPORTED', /no operator of trees, but Gemm/)
    refused(model([node, node]), 'FILE_UNSUPPORTED', /2 operators of trees/)
    refused(model([{ ...node, type: 'TreeEnsemble' }]), 'FILE_UNSUPPORTED', /ai\.onnx\.ml 5/)
    refused(
      model([
        { ...operator('Scaler', {}), outputs: ['s'] },
        { ...node, inputs: ['s'] },
      ]),
      'FILE_UNSUPPORTED',
      /the operator Scaler/,
    )
    refused(spoilt({ n_targets: 3 }), 'FILE_UNSUPPORTED', /3 values a row/)
    refused(spoilt({ aggregate_function: 'MAX' }), 'FILE_UNSUPPORTED', /the MAX of its trees/)
    refused(spoilt({ post_transform: 'PROBIT' }), 'FILE_UNSUPPORTED', /PROBIT/)
  })

  test('trees that break their laws', () => {
    const corrupt = (attrs: Record<string, OnnxAttr>, pattern: RegExp) => refused(spoilt(attrs), 'FILE_CORRUPT', pattern)
    corrupt({ nodes_truenodeids: Int32Array.of(7, 0, 0) }, /tree 0 has no node 7/)
    corrupt({ nodes_truenodeids: Int32Array.of(0, 0, 0) }, /nobody's child|circle/)
    corrupt({ nodes_truenodeids: Int32Array.of(2, 0, 0) }, /two nodes that are nobody's child|both answers/)
    corrupt({ nodes_nodeids: Int32Array.of(0, 1, 1) }, /two nodes 1/)
    corrupt({ nodes_featureids: Int32Array.of(1 << 28, 0, 0) }, /columns/)
    corrupt({ nodes_values: { floats: [Number.NaN, 0, 0] } }, /no threshold/)
    corrupt({ nodes_values: { floats: [1, 0] } }, /3 nodes, and 2 of 'nodes_values'/)
    corrupt({ nodes_modes: { words: ['BRANCH_MAYBE', 'LEAF'], codes: Uint8Array.of(0, 1, 1) } }, /BRANCH_MAYBE/)
    corrupt({ target_weights: { floats: [1, Infinity] } }, /stands for Infinity/)
    corrupt({ target_nodeids: Int32Array.of(1, 9) }, /no node 9/)
    for (const name of ['nodes_nodeids', 'nodes_modes', 'nodes_values', 'target_weights', 'target_ids'])
      refused(without(name), 'FILE_CORRUPT', new RegExp(`'${name}' is missing`))
    refused(without('nodes_treeids'), 'FILE_CORRUPT', /nodes_treeids/)
    refused(model([question('BRANCH_EQ', 2.5, 0)]), 'FILE_CORRUPT', /category 2\.5/)
    refused(model([question('BRANCH_EQ', 1e6, 0)]), 'FILE_CORRUPT', /category 1000000/)
    refused(model([question('BRANCH_EQ', 3, 1)]), 'FILE_CORRUPT', /different ways/)
    refused(model([{ ...question('BRANCH_LEQ', 1, 0), inputs: ['other'] }]), 'FILE_CORRUPT', /do not read its input/)
    refused(new Uint8Array(), 'FILE_CORRUPT', /no graph/)
  })

  test('children of two nodes, sets without end, more than memory holds', () => {
    const tree = (
      nodes: number,
      words: readonly string[],
      of: (i: number) => readonly [mode: number, feature: number, yes: number, no: number, at: number],
      classes = 0,
    ) => {
      const all = Array.from({ length: nodes }, (_, i) => of(i))
      const leaves = all.flatMap(([mode], i) => (words[mode] === 'LEAF' ? [i] : []))
      const prefix = classes > 0 ? 'class' : 'target'
      const list = (k: 1 | 2 | 3) => Int32Array.from(all, (one) => one[k])
      return model([
        operator(classes > 0 ? 'TreeEnsembleClassifier' : 'TreeEnsembleRegressor', {
          nodes_treeids: new Int32Array(nodes),
          nodes_nodeids: Int32Array.from({ length: nodes }, (_, i) => i),
          nodes_featureids: list(1),
          nodes_modes: { words, codes: Uint8Array.from(all, ([mode]) => mode) },
          nodes_values: { floats: all.map((one) => one[4]) },
          nodes_truenodeids: list(2),
          nodes_falsenodeids: list(3),
          [`${prefix}_treeids`]: new Int32Array(leaves.length),
          [`${prefix}_nodeids`]: Int32Array.from(leaves),
          [`${prefix}_ids`]: new Int32Array(leaves.length),
          [`${prefix}_weights`]: { floats: leaves.map(() => 1) },
          ...(classes > 0 && { classlabels_int64s: Int32Array.from({ length: classes }, (_, k) => k) }),
        }),
      ])
    }
    const words = ['BRANCH_LEQ', 'LEAF', 'BRANCH_EQ']
    // Nodes 1 and 2 have the leaf 4 for their no.
    const shared = [
      [0, 0, 1, 2, 1],
      [0, 1, 3, 4, 1],
      [0, 1, 5, 4, 1],
      [1, 0, 0, 0, 0],
      [1, 0, 0, 0, 0],
      [1, 0, 0, 0, 0],
    ] as const
    refused(
      tree(6, words, (i) => shared[i] as (typeof shared)[number]),
      'FILE_CORRUPT',
      /node 4 is the child of two nodes/,
    )
    // 4,000 questions for each of 65,536 categories.
    const long = 4000
    refused(
      tree(long + 2, words, (i) => (i < long ? [2, 0, long, i === long - 1 ? long + 1 : i + 1, 65_535] : [1, 0, 0, 0, 0])),
      'FILE_CORRUPT',
      /too large/,
    )
    const chain = 1001
    const wide = tree(chain, words, (i) => (i % 2 === 0 && i < chain - 1 ? [0, 0, i + 1, i + 2, i] : [1, 0, 0, 0, 0]), 200_000)
    refused(wide, 'FILE_CORRUPT', /too much/)
  })

  test('what a file says of its ensemble is held to its trees', () => {
    const claims = (change: object, pattern: RegExp) => {
      const ensemble = randomEnsemble(2, { width: 3, precision: 'float64' })
      const told = JSON.stringify({ ...JSON.parse(describeEnsemble(ensemble)), ...change })
      refused(ensembleToOnnx(ensemble, { metadata: { [ensembleKey]: told } }), 'FILE_CORRUPT', pattern)
    }
    claims({ width: 2, base: [0, 0], classes: ['a', 'b'], treeWidth: 2 }, /adds to column 2 of 2/)
    claims({ base: [0] }, /1 base values for 3 sums/)
    claims({ treeWidth: 2 }, /2 wide, and their sum 3/)
    claims({ treeWidth: 1 }, /tree \d adds to column/)
    claims({ features: [{ name: 'only' }] }, /splits by feature/)
    claims({ scale: 'large' }, /Invalid type/)
  })

  test('names that do not fit', () => {
    const made = fixture('forest-three.onnx')
    const bad = (error: unknown) => error instanceof TuttiError && error.code === 'BAD_OPTION'
    assert.throws(() => importOnnx(made, { features: ['a'] }), bad)
    assert.throws(() => importOnnx(made, { classes: ['a', 'b'] }), bad)
    const named = importOnnx(made, { features: [...'abcdef'], classes: ['p', 'q', 'r'] })
    assert.deepEqual([named.features[5]?.name, named.classes], ['f', ['p', 'q', 'r']])
  })

  test('garbage, and files with bytes changed or cut off', () => {
    const files = [
      ...fixtures.map(fixture),
      ensembleToOnnx(randomEnsemble(1, { width: 3 })),
      ensembleToOnnx(randomEnsemble(4, { link: 'logistic' })),
    ]
    const chance = random(5)
    const read = (bytes: Uint8Array): Ensemble | undefined => {
      try {
        return importOnnx(bytes)
      } catch (error) {
        assert.ok(error instanceof TuttiError && ['FILE_CORRUPT', 'FILE_UNSUPPORTED'].includes(error.code), String((error as Error).stack))
        return undefined
      }
    }
    let understood = 0
    for (let i = 0; i < 3000; i++) {
      const bytes = Uint8Array.from(files[i % files.length] as Uint8Array)
      const changes = 1 + chance.int(3)
      for (let k = 0; k < changes; k++) bytes[chance.int(bytes.length)] = chance.int(256)
      const ensemble = read(chance.int(4) === 0 ? bytes.subarray(0, chance.int(bytes.length)) : bytes)
      if (!ensemble) continue
      understood++
      for (const tree of ensemble.trees) assert.equal(brokenLaw(tree, ensemble.features.length), undefined)
    }
    assert.ok(understood > 100, `${understood} of 3000 still read`)
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => assert.equal(read(bytes), undefined)))
  })
})

test('labels of the imported are those of the file', async () => {
  const ensemble = importOnnx(fixture('forest-three.onnx'))
  const x = randomRows(3, ensemble, 500)
  const file = await runs(fixture('forest-three.onnx'), x, 6)
  assert.deepEqual(likeliest(slowOutputs(ensemble, x), 3), likeliest(Float64Array.from(file), 3))
})

test('tensors of doubles are read as they are', () => {
  const attrs = { ...question('BRANCH_LEQ', 1, 0).attrs, target_weights_as_tensor: { tensor: tensor('float64', [2], [0.1, 0.2]) } }
  delete (attrs as Record<string, unknown>).target_weights
  assert.deepEqual(
    slowOutputs(importOnnx(model([operator('TreeEnsembleRegressor', attrs)])), Float32Array.of(0, 2)),
    Float64Array.of(0.1, 0.2),
  )
})
