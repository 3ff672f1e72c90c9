/** Ensembles as JSON and back. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TuttiError } from '../../../src/core/errors.ts'
import { fromText, toText } from '../../../src/core/json.ts'
import { random } from '../../../src/core/random.ts'
import { brokenLaw } from '../../../src/trees/json/laws.ts'
import { ensembleFromJson, ensembleToJson } from '../../../src/trees/json.ts'
import type { Tree } from '../../../src/trees/tree.ts'
import fc from '../../laws.ts'
import { randomEnsemble, randomTree } from '../randomTrees.ts'

const anyEnsemble = fc
  .record({
    seed: fc.nat(),
    form: fc.constantFrom({}, { width: 3 }, { link: 'logistic' }, { link: 'softmax', columns: 3 }, { link: 'exp' }),
    precision: fc.constantFrom('float32', 'float64'),
    trees: fc.integer({ min: 0, max: 4 }),
    leaves: fc.integer({ min: 1, max: 30 }),
  })
  .map(({ seed, form, ...rest }) => randomEnsemble(seed, { ...rest, ...form } as Parameters<typeof randomEnsemble>[1]))

// biome-ignore lint/suspicious/noExplicitAny: JSON to be spoilt
type Anything = any

const thereAndBack = (json: unknown) => JSON.parse(JSON.stringify(json))

test('JSON keeps an ensemble to the bit', () => {
  fc.assert(
    fc.property(anyEnsemble, (ensemble) => {
      assert.deepEqual(ensembleFromJson(thereAndBack(ensembleToJson(ensemble))), ensemble)
    }),
    { numRuns: 60 },
  )
})

test('numbers that JSON has no word for are kept too', () => {
  const [ensemble, tree] = [randomEnsemble(3), randomTree(random(1), { leaves: 1 })]
  const odd = { ...tree, impurity: Float64Array.of(Number.NaN), weight: Float32Array.of(-0), value: Float64Array.of(5e-324) }
  const back = ensembleFromJson(fromText(toText(ensembleToJson({ ...ensemble, base: Float64Array.of(-0), trees: [odd] }))))
  assert.deepEqual(back.trees, [odd])
  assert.ok(Object.is(back.base[0], -0))
})

test('arrays on shared memory, or in the middle of a larger one, are written as they are', () => {
  const ensemble = randomEnsemble(8)
  const shared = <A extends Float32Array>(values: A) => {
    const view = new Float32Array(new SharedArrayBuffer(values.byteLength + 8), 4, values.length)
    view.set(values)
    return view
  }
  const moved = { ...ensemble, trees: ensemble.trees.map((tree) => ({ ...tree, threshold: shared(tree.threshold) })) }
  assert.deepEqual(ensembleToJson(moved), ensembleToJson(ensemble))
})

const floats = (...values: number[]) => Buffer.from(Float64Array.from(values).buffer).toString('base64')

describe('what is damaged is refused in one sentence', () => {
  const refused = (json: unknown, pattern = /./) => {
    try {
      ensembleFromJson(json, 'The file')
    } catch (error) {
      assert.ok(error instanceof TuttiError && error.code === 'FILE_CORRUPT', String((error as Error).stack))
      assert.match(error.message, pattern)
      assert.match(error.message, /^The file is damaged/)
      return true
    }
    return false
  }

  test('anything at all', () => {
    fc.assert(fc.property(fc.anything(), (anything) => assert.ok(refused(anything))))
  })

  test('one part replaced, by anything', () => {
    fc.assert(
      fc.property(anyEnsemble, fc.nat(), fc.jsonValue(), (ensemble, place, instead) => {
        const json = thereAndBack(ensembleToJson(ensemble))
        replaceAt(json, place, instead)
        // What is read nevertheless is an ensemble that keeps its laws.
        if (refused(json)) return
        const read = ensembleFromJson(json)
        for (const tree of read.trees) assert.equal(brokenLaw(tree, read.features.length), undefined)
      }),
      { numRuns: 300 },
    )
  })

  test('one byte of one array changed', () => {
    fc.assert(
      fc.property(anyEnsemble, fc.nat(), fc.nat(), fc.nat({ max: 255 }), (ensemble, which, place, byte) => {
        if (ensemble.trees.length === 0) return
        const json = thereAndBack(ensembleToJson(ensemble))
        const tree = json.trees[which % json.trees.length]
        const name = ['feature', 'right', 'missingLeft', 'samples', 'threshold'][place % 5] as string
        const bytes = Buffer.from(tree[name], 'base64')
        bytes[place % bytes.length] = byte
        tree[name] = bytes.toString('base64')
        if (refused(json)) return
        const read = ensembleFromJson(json)
        for (const tree of read.trees) assert.equal(brokenLaw(tree, read.features.length), undefined)
      }),
      { numRuns: 300 },
    )
  })

  test('and the sentence says what it is', () => {
    const json = (change: (json: Anything) => void) => {
      const made = thereAndBack(ensembleToJson(randomEnsemble(5, { width: 3 })))
      change(made)
      return made
    }
    const says = (change: (json: Anything) => void, pattern: RegExp) => assert.ok(refused(json(change), pattern))
    says((it) => delete it.format, /'format'/)
    says((it) => (it.trees[0].nodes = 1e9), /'trees.0.nodes'/)
    says((it) => (it.trees[0].nodes += 3), /there are not \d+ features/)
    says((it) => (it.trees[0].right = it.trees[0].right.replace(/./, '*')), /right children/)
    says((it) => (it.trees[0].impurity.f32 = it.trees[0].impurity.f32.replace(/./, '-')), /impurities in base64/)
    says((it) => (it.features = [{ name: 'only' }]), /splits by feature \d of 1/)
    says((it) => it.classes.pop(), /2 classes for 3 outputs/)
    says((it) => (it.link = 'logistic'), /two classes have one sum/)
    says((it) => (it.task = 'regression'), /3 sums for one value/)
    says((it) => (it.base = floats(1, 2)), /not 3 base values/)
    says((it) => (it.base = floats(1, 2, Number.NaN)), /a base value is not finite/)
    says((it) => (it.trees[1] = thereAndBack(ensembleToJson(randomEnsemble(1))).trees[1]), /of tree 2, the width is 1, and 3 of the first/)
    says(
      (it) => (it.trees = thereAndBack(ensembleToJson(randomEnsemble(1, { width: 2 }))).trees),
      /of tree 1, the width is 2, and the sum's 3/,
    )
    says((it) => (it.trees[0].missingLeft = `${it.trees[0].missingLeft}AAAA`), /missing values in base64/)
    says((it) => (it.trees[0].sets = { at: '', words: '' }), /places of sets/)
    const regression = thereAndBack(ensembleToJson(randomEnsemble(5)))
    assert.ok(refused({ ...regression, link: 'softmax' }, /values have no classes/))
  })
})

test('each law of trees is one that can be broken', () => {
  const tree: Tree = {
    nodes: 5,
    width: 1,
    feature: Int32Array.of(0, 1, -1, -1, -1),
    threshold: new Float32Array(5),
    right: Int32Array.of(4, 3, -1, -1, -1),
    missingLeft: new Uint8Array(5),
    setAt: Int32Array.of(-1, 0, -1, -1, -1),
    sets: Uint32Array.of(1, 5),
    value: new Float64Array(5),
    impurity: new Float64Array(5),
    samples: new Int32Array(5),
    weight: new Float64Array(5),
  }
  const breaks = (change: Partial<Tree>, pattern: RegExp) => assert.match(brokenLaw({ ...tree, ...change }, 2) ?? 'none', pattern)
  assert.equal(brokenLaw(tree, 2), undefined)
  breaks({ nodes: 0 }, /no node/)
  breaks({ threshold: new Float32Array(4) }, /4 numbers of 'threshold'/)
  breaks({ value: new Float64Array(4) }, /4 values/)
  breaks({ sets: undefined }, /without/)
  breaks({ feature: Int32Array.of(0, 2, -1, -1, -1) }, /feature 2 of 2/)
  breaks({ right: Int32Array.of(3, 4, -1, -1, -1) }, /nobody's child/)
  breaks({ right: Int32Array.of(0, 3, -1, -1, -1) }, /right child of node 0/)
  breaks({ right: Int32Array.of(9, 3, -1, -1, -1) }, /right child of node 0/)
  breaks({ right: Int32Array.of(4, 3, 1, -1, -1) }, /leaf with a child/)
  breaks(
    { feature: Int32Array.of(0, -1, -1, -1, -1), right: Int32Array.of(4, -1, -1, -1, -1), setAt: undefined, sets: undefined },
    /nobody/,
  )
  breaks({ feature: Int32Array.of(0, 1, -1, -1, 1) }, /right child of node 4/)
  breaks({ setAt: Int32Array.of(-1, 1, -1, -1, -1) }, /set of node 1/)
  breaks({ setAt: Int32Array.of(-1, -2, -1, -1, -1) }, /set of node 1/)
  breaks({ setAt: Int32Array.of(-1, 0, 0, -1, -1) }, /leaf with a set/)
  breaks({ missingLeft: Uint8Array.of(2, 0, 0, 0, 0) }, /neither/)
  breaks({ threshold: new Float32Array(5).fill(Number.NaN) }, /no threshold/)
  breaks({ samples: new Int32Array(5).fill(-1) }, /-1 rows/)
  breaks({ value: new Float64Array(5).fill(Number.NaN) }, /leaf 2 stands for NaN/)
})

test('trees by chance keep the laws', () => {
  for (let seed = 0; seed < 50; seed++) assert.equal(brokenLaw(randomTree(random(seed), { width: 1 + (seed % 3) }), 5), undefined)
})

/** Replaces one value anywhere in plain data, chosen by number. */
function replaceAt(json: Anything, place: number, instead: unknown): void {
  const places: [Anything, string][] = []
  const visit = (value: Anything) => {
    if (typeof value !== 'object' || value === null) return
    for (const key of Object.keys(value)) {
      places.push([value, key])
      visit(value[key])
    }
  }
  visit(json)
  const [holder, key] = places[place % places.length] as [Anything, string]
  holder[key] = instead
}
