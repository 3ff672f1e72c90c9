import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import type { Examples, FitOptions, Predictor } from '../../../src/estimator/index.ts'
import {
  histGradientBoostingClassifier as classifier,
  histGradientBoostingRegressor as regressor,
  stagedOutputs,
} from '../../../src/trees/boosting/index.ts'
import type { TreePredictor } from '../../../src/trees/predict/index.ts'
import { leafOf } from '../../../src/trees/tree.ts'
import { friedman1, mixed, table } from './data.ts'

const trees = (predictor: Predictor) => (predictor as TreePredictor).ensemble.trees
const short = { maxIter: 12, maxLeafNodes: 9, earlyStopping: false } as const
const two = mixed(6000, 1, 2)
const five = mixed(6000, 2, 5)
const value = mixed(6000, 3)

test('the trees are the same for 1, 2 and 3 threads, whatever the loss', async () => {
  const cases: [string, (options: FitOptions) => Promise<Predictor>][] = [
    ['two classes', (options) => classifier(short).fit(two, options)],
    ['five classes', (options) => classifier({ ...short, maxFeatures: 0.5 }).fit(five, options)],
    ['squared error', (options) => regressor({ ...short, maxLeafNodes: null, maxDepth: 5 }).fit(value, options)],
    ['absolute error', (options) => regressor({ ...short, loss: 'absoluteError', earlyStopping: true }).fit(value, options)],
    ['many bundles', (options) => regressor(short).fit(friedman1(5000, 3), options)],
    ['poisson', (options) => regressor({ ...short, loss: 'poisson' }).fit({ ...value, y: value.y?.map(Math.abs) }, options)],
  ]
  for (const [name, fit] of cases) {
    const alone = trees(await fit({ threads: 1 }))
    for (const threads of [2, 3]) assert.deepEqual(trees(await fit({ threads })), alone, `${name}, ${threads} threads`)
  }
})

test('weights of 1 are as none, rows of weight 0 as left out, and of weight 2 as there twice in all sums', async () => {
  const plain = trees(await classifier(short).fit(five))
  assert.deepEqual(trees(await classifier(short).fit(five, { sampleWeight: new Float64Array(five.rows).fill(1) })), plain)
  const half = { ...value, rows: 1500, x: value.x.slice(0, 1500 * 11), y: value.y?.slice(0, 1500) }
  const weights = Float64Array.from({ length: value.rows }, (_, row) => (row < 1500 ? 1 : 0))
  assert.deepEqual(trees(await regressor(short).fit(value, { sampleWeight: weights })), trees(await regressor(short).fit(half)))
  const once = trees(
    await regressor({ ...short, minSamplesLeaf: 1, maxIter: 1 }).fit(half, { sampleWeight: new Float64Array(1500).fill(2) }),
  )
  const twice = trees(
    await regressor({ ...short, minSamplesLeaf: 1, maxIter: 1 }).fit({
      ...half,
      rows: 3000,
      x: Float32Array.from([...half.x, ...half.x]),
      y: Float64Array.from([...(half.y as Float64Array), ...(half.y as Float64Array)]),
    }),
  )
  assert.deepEqual(once[0]?.feature, twice[0]?.feature)
  for (const [node, own] of (once[0]?.value ?? []).entries()) assert.ok(Math.abs(own - (twice[0]?.value[node] as number)) < 1e-6)
})

test('a member of a family is, node by node, what is fitted alone; and gives the same outputs', async () => {
  for (const [estimator, data] of [
    [classifier({ maxLeafNodes: 6 }), five],
    [classifier({ maxLeafNodes: 6, earlyStopping: true, nIterNoChange: 2, tol: 0.01, learningRate: 0.5 }), two],
  ] as const) {
    const members = [7, 3, 15].map((maxIter) => ({ ...estimator.getParams(), maxIter }))
    const family = await estimator.family?.fit(data, members, { seed: 4 })
    const outputs = [...(family?.outputs(data) ?? [])].map((some) => some.slice())
    for (const [k, params] of members.entries()) {
      const alone = await estimator.withParams(params).fit(data, { seed: 4 })
      const member = family?.member(k) as Predictor
      assert.deepEqual(trees(member), trees(alone))
      assert.deepEqual(member.params, alone.params)
      assert.deepEqual(outputs[k], alone.outputs(data))
    }
  }
})

test('outputs after each round are those of the rounds alone', async () => {
  const model = (await classifier({ ...short, maxIter: 4 }).fit(five)) as TreePredictor
  const staged = [...stagedOutputs(model, five)].map((outputs) => outputs.slice())
  assert.equal(staged.length, 4)
  for (const [k, outputs] of staged.entries())
    assert.deepEqual(outputs, (await classifier({ ...short, maxIter: k + 1 }).fit(five)).outputs(five))
})

test('going on from an earlier fit is as fitting at once', async () => {
  for (const [estimator, data] of [
    [classifier(short), five],
    [regressor(short), value],
  ] as const) {
    const first = await estimator.withParams({ maxIter: 5 }).fit(data)
    assert.deepEqual(trees(await estimator.fit(data, { from: first })), trees(await estimator.fit(data)))
    await assert.rejects(estimator.withParams({ maxIter: 4 }).fit(data, { from: first }), /'maxIter' is 4 but must be at least 5/)
    // Other rows would be watched for when to stop.
    await assert.rejects(estimator.fit(data, { from: first, seed: 1 }), /'the seed' differs/)
  }
  await assert.rejects(regressor(short).fit(value, { from: await classifier(short).fit(two) }), { code: 'WARM_START_CHANGED' })
})

test('outputs are the link of the base and the values of the leaves that rows reach', async () => {
  const model = await classifier(short).fit(five)
  const { ensemble } = model as TreePredictor
  const outputs = model.outputs(five)
  for (let row = 0; row < 200; row++) {
    const sums = Float64Array.from(ensemble.base)
    for (const [t, tree] of ensemble.trees.entries()) {
      const leaf = leafOf(tree, five.x, row * five.features.length)
      sums[t % 5] = (sums[t % 5] as number) + (tree.value[leaf] as number)
    }
    const powers = sums.map(Math.exp)
    const all = powers.reduce((a, b) => a + b, 0)
    for (let k = 0; k < 5; k++) assert.ok(Math.abs((outputs[row * 5 + k] as number) - (powers[k] as number) / all) < 1e-12)
  }
})

test('nodes know their rows: every training row counts in the nodes it passes', async () => {
  const model = await regressor({ ...short, maxIter: 3 }).fit(value)
  for (const tree of trees(model)) {
    const samples = new Int32Array(tree.nodes)
    for (let row = 0; row < value.rows; row++) samples[leafOf(tree, value.x, row * value.features.length)]!++
    for (let node = tree.nodes - 1; node >= 0; node--)
      if ((tree.feature[node] as number) >= 0)
        samples[node] = (samples[node + 1] as number) + (samples[tree.right[node] as number] as number)
    assert.deepEqual(tree.samples, samples)
    assert.deepEqual(Array.from(tree.weight), Array.from(samples))
    for (let node = 0; node < tree.nodes; node++) assert.ok((samples[node] as number) >= 20)
  }
})

/** Of the first tree by squared error: no cut of a quantity parts the root's residuals better than the one chosen. */
test('the first split is the best of all cuts, by trying them', async () => {
  const data = friedman1(400, 5)
  const y = data.y as Float64Array
  const mean = y.reduce((a, b) => a + b, 0) / data.rows
  const worth = (feature: number, border: number) => {
    const sums = [0, 0]
    const counts = [0, 0]
    for (let row = 0; row < data.rows; row++) {
      const side = (data.x[row * 10 + feature] as number) <= border ? 0 : 1
      sums[side] = (sums[side] as number) + (y[row] as number) - mean
      counts[side]!++
    }
    return Math.min(...counts) < 20
      ? 0
      : (sums[0] as number) ** 2 / (counts[0] as number) + (sums[1] as number) ** 2 / (counts[1] as number)
  }
  const [tree] = trees(await regressor({ maxIter: 1, maxLeafNodes: 2 }).fit(data))
  const chosen = worth(tree?.feature[0] as number, tree?.threshold[0] as number)
  let most = 0
  for (let feature = 0; feature < 10; feature++)
    for (let row = 0; row < data.rows; row += 3) most = Math.max(most, worth(feature, data.x[row * 10 + feature] as number))
  // 400 values share 255 bins, so that a cut inside a bin may be a little better.
  assert.ok(chosen >= 0.98 * most, `${chosen} of ${most}`)
  assert.ok(Math.abs((tree?.value[0] as number) - 0) < 1e-6)
})

test('with squared error, the loss on the training rows never rises', async () => {
  const model = regressor({ maxIter: 30, learningRate: 0.3, maxLeafNodes: 12 })
  const members = Array.from({ length: 30 }, (_, k) => ({ ...model.getParams(), maxIter: k + 1 }))
  const family = await model.family?.fit(value, members)
  let before = Number.POSITIVE_INFINITY
  for (const outputs of family?.outputs(value) ?? []) {
    const loss = outputs.reduce((sum, output, row) => sum + (output - (value.y?.[row] as number)) ** 2, 0)
    assert.ok(loss < before)
    before = loss
  }
})

test('monotonic features: outputs follow the way they must, and break it where they need not', async () => {
  const chance = random(8)
  const rows = Array.from({ length: 1200 }, () => [chance.uniform(), chance.uniform(), chance.uniform()])
  const data = table(
    rows,
    rows.map(([a = 0, b = 0, c = 0]) => Math.sin(8 * a) + 3 * a - b + Math.cos(9 * b) + c + 0.2 * chance.normal()),
  )
  const along = (model: Predictor, feature: number): number[] => {
    const steps = Array.from({ length: 60 }, (_, k) => k / 59)
    const probe = table(
      steps.flatMap((step) => [0.2, 0.8].map((rest) => [0, 1, 2].map((k) => (k === feature ? step : rest)))),
      new Array(120).fill(0),
    )
    const outputs = model.predict(probe)
    return [0, 1].flatMap((line) => steps.slice(1).map((_, k) => (outputs[2 * k + 2 + line] as number) - (outputs[2 * k + line] as number)))
  }
  const options = { maxIter: 60, earlyStopping: false } as const
  const bound = await regressor({ ...options, monotonicCst: { x0: 1, x1: -1 } }).fit(data)
  assert.ok(along(bound, 0).every((step) => step >= 0))
  assert.ok(along(bound, 1).every((step) => step <= 0))
  const free = await regressor(options).fit(data)
  assert.ok(along(free, 0).some((step) => step < 0))
  assert.ok(along(free, 1).some((step) => step > 0))
  assert.ok(bound.score(data) > 0.8)
})

test('features that may not meet do not', async () => {
  const model = await regressor({
    ...short,
    interactionCst: [
      ['a', 'b'],
      ['few', 'kind'],
    ],
  }).fit(value)
  for (const tree of trees(model)) {
    const visit = (node: number, path: ReadonlySet<number>): void => {
      const feature = tree.feature[node] as number
      if (feature < 0) {
        const groups = new Set([...path].map((f) => (f < 2 ? 'ab' : f === 2 || f === 10 ? 'fk' : 'rest')))
        assert.ok(groups.size <= 1)
        return
      }
      visit(node + 1, new Set([...path, feature]))
      visit(tree.right[node] as number, new Set([...path, feature]))
    }
    visit(0, new Set())
  }
})

test('missing values go the better way, and where none were seen, with the most', async () => {
  const chance = random(2)
  const rows = Array.from({ length: 400 }, () => [chance.uniform() < 0.25 ? Number.NaN : chance.uniform()])
  const high = table(
    rows,
    rows.map(([a = 0]) => (Number.isNaN(a) || a > 0.6 ? 1 : 0)),
  )
  const low = table(
    rows,
    rows.map(([a = 0]) => (Number.isNaN(a) || a < 0.4 ? 1 : 0)),
  )
  const own = table(
    rows,
    rows.map(([a = 0]) => (Number.isNaN(a) ? 1 : 0)),
  )
  for (const data of [high, low, own]) assert.equal((await classifier({ maxIter: 20, learningRate: 0.5 }).fit(data)).score(data), 1)
  const full = table(
    rows.map((_, k) => [k]),
    rows.map((_, k) => (k < 300 ? 0 : 1)),
  )
  const model = await classifier({ maxIter: 50, maxLeafNodes: 2 }).fit(full)
  assert.deepEqual([...model.predict(table([[10], [390]], [0, 0]))], [0, 1])
  assert.equal(model.predict(table([[Number.NaN]], [0]))[0], 0)
})

test('categories are parted as sets: better than by their numbers, and unknown ones go where missing values go', async () => {
  const chance = random(6)
  const odd = (c: number) => (Math.imul(c, 2654435761) >>> 13) & 1
  const rows = Array.from({ length: 2000 }, () => [chance.int(40)])
  const y = rows.map(([c = 0]) => (chance.uniform() < 0.05 ? 1 - odd(c) : odd(c)))
  const options = { maxIter: 1, maxLeafNodes: 2, learningRate: 1 } as const
  const sets = await classifier(options).fit(table(rows, y, [{ name: 'c', categories: 64 }]))
  const numbers = await classifier(options).fit(table(rows, y))
  assert.ok(sets.score(table(rows, y, [{ name: 'c', categories: 64 }])) > 0.93)
  assert.ok(numbers.score(table(rows, y)) < 0.8)
  const named = await classifier({ ...options, categoricalFeatures: ['x0'] }).fit(table(rows, y))
  assert.equal(named.score(table(rows, y)), sets.score(table(rows, y, [{ name: 'c', categories: 64 }])))
  const [tree] = trees(sets)
  const leaf = (c: number) => leafOf(tree as NonNullable<typeof tree>, [c])
  assert.equal(leaf(50), leaf(Number.NaN))
  assert.equal(leaf(63), leaf(1000))
})

test('flags that share a bundle are split as alone', async () => {
  const rows = Array.from({ length: 900 }, (_, k) => Array.from({ length: 9 }, (_, f) => (k % 9 === f ? 1 + (k % 2) : 0)))
  const y = rows.map((_, k) => (((k % 9) * 5) % 7) + (k % 2))
  const exact = await regressor({ maxIter: 60, learningRate: 0.5, minSamplesLeaf: 1 }).fit(table(rows, y))
  assert.ok(exact.score(table(rows, y)) > 0.9999)
})

test('Friedman 1: most of what can be explained is', async () => {
  const model = await regressor({ earlyStopping: false }).fit(friedman1(2000, 1))
  // scikit-learn's has 0.917166 on the same rows.
  assert.ok(Math.abs(model.score(friedman1(1000, 2)) - 0.917166) < 1e-5)
  const importances = (model as TreePredictor).featureImportances
  assert.ok(Math.abs(importances.reduce((a, b) => a + b, 0) - 1) < 1e-9)
  for (let k = 0; k < 5; k++)
    for (let other = 5; other < 10; other++) assert.ok((importances[k] as number) > 5 * (importances[other] as number))
})

test('quantiles leave about their share of the rows below, and absolute error half', async () => {
  const data = friedman1(2000, 3)
  const below = (model: Predictor) =>
    model.predict(data).reduce((n, output, row) => n + ((data.y?.[row] as number) <= output ? 1 : 0), 0) / data.rows
  for (const quantile of [0.1, 0.5, 0.9]) {
    const share = below(await regressor({ loss: 'quantile', quantile, maxIter: 40 }).fit(data))
    assert.ok(Math.abs(share - quantile) < 0.05, `${share} below the quantile ${quantile}`)
  }
  assert.ok(Math.abs(below(await regressor({ loss: 'absoluteError', maxIter: 40 }).fit(data)) - 0.5) < 0.05)
})

test('poisson and gamma give positive outputs whose mean is that of the target', async () => {
  const data = friedman1(1500, 4)
  const y = data.y?.map((v) => Math.max(0.1, v)) as Float64Array
  for (const loss of ['poisson', 'gamma'] as const) {
    const outputs = (await regressor({ loss, maxIter: 60 }).fit({ ...data, y })).predict(data)
    const mean = (of: Float64Array) => of.reduce((a, b) => a + b, 0) / of.length
    assert.ok(outputs.every((output) => output > 0))
    assert.ok(Math.abs(mean(outputs) / mean(y) - 1) < 0.02, `${loss}: ${mean(outputs)} for ${mean(y)}`)
  }
  await assert.rejects(regressor({ loss: 'poisson' }).fit({ ...data, y: y.map((v) => v - 9) }), { code: 'FIT_TARGET' })
})

test('early stopping ends before the last round, and what it leaves is a prefix', async () => {
  const noise: Examples = {
    ...value,
    y: Float64Array.from({ length: value.rows }, () => random(1).normal()).map((_, k) => random(k).normal()),
  }
  const stopped = trees(await regressor({ earlyStopping: true, nIterNoChange: 3 }).fit(noise, { seed: 1 }))
  assert.ok(stopped.length < 40 && stopped.length >= 3)
  const longer = trees(await regressor({ earlyStopping: true, nIterNoChange: 8 }).fit(noise, { seed: 1 }))
  assert.deepEqual(longer.slice(0, stopped.length), stopped)
  // All is learned in the first round: three more without a gain, and it ends.
  const flag = table(
    Array.from({ length: 100 }, (_, k) => [k % 2]),
    Array.from({ length: 100 }, (_, k) => k % 2),
  )
  const once = { earlyStopping: true, validationFraction: null, nIterNoChange: 3, learningRate: 1, minSamplesLeaf: 1 } as const
  assert.equal(trees(await regressor(once).fit(flag)).length, 4)
  const training = trees(await regressor({ earlyStopping: true, validationFraction: null, maxIter: 30 }).fit(value))
  assert.equal(training.length, 30)
})

test('a fit can be told to end, and tells how far it is', async () => {
  const stop = new AbortController()
  const done: number[] = []
  const going = classifier({ maxIter: 50 }).fit(two, {
    threads: 2,
    signal: stop.signal,
    onProgress: (rounds, all) => {
      done.push(rounds)
      assert.equal(all, 50)
      if (rounds === 3) stop.abort(new Error('enough'))
    },
  })
  await assert.rejects(going, /enough/)
  assert.deepEqual(done, [1, 2, 3])
})

test('classes that weigh more are told more often', async () => {
  const rare = { ...two, y: two.y?.map((label, row) => (row % 10 === 0 ? label : 0)) }
  const told = async (classWeight: 'balanced' | null) =>
    (await classifier({ ...short, classWeight }).fit(rare)).predict(rare).reduce((a, b) => a + b, 0)
  assert.ok((await told('balanced')) > (await told(null)) + 100)
})

test('as many rows are kept to see when to stop as there are, more than a call takes arguments', async () => {
  const rows = 1_400_000
  const x = Float32Array.from({ length: rows }, (_, row) => row % 3)
  const model = await regressor({ maxIter: 1, learningRate: 1 }).fit({ ...table([[0]], [0]), rows, x, y: Float64Array.from(x) })
  const outputs = model.outputs(table([[0], [1], [2]], [0, 1, 2]))
  for (const [k, value] of outputs.entries()) assert.ok(Math.abs(value - k) < 1e-6)
})

test('a single feature makes no pairs, and is looked at all the same', async () => {
  const one = table([[0], [1], [2], [3]], [0, 1, 2, 3])
  const model = await regressor({ interactionCst: 'pairwise', maxIter: 30, learningRate: 0.5, minSamplesLeaf: 1 }).fit(one)
  assert.ok(model.score(one) > 0.99)
})
