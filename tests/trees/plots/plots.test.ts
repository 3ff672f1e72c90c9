/** Trees and importances as text and pictures. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TuttiError } from '../../../src/core/errors.ts'
import { random } from '../../../src/core/random.ts'
import { importancesSvg, treeSvg, treeText } from '../../../src/trees/plots/index.ts'
import { layout } from '../../../src/trees/plots/layout.ts'
import { cut, cutInside, lettersOf, percent, ruleOf } from '../../../src/trees/plots/words.ts'
import { depthOf, leavesOf, type Tree } from '../../../src/trees/tree.ts'
import fc from '../../laws.ts'
import { randomEnsemble, randomTree } from '../randomTrees.ts'

/** As scikit-learn grows it on the irises, to depth 2. */
const iris: Tree = {
  nodes: 5,
  width: 3,
  feature: Int32Array.of(3, -1, 3, -1, -1),
  threshold: Float32Array.of(0.8, 0, 1.75, 0, 0),
  right: Int32Array.of(2, -1, 4, -1, -1),
  missingLeft: Uint8Array.of(0, 0, 1, 0, 0),
  setAt: undefined,
  sets: undefined,
  value: Float64Array.of(1 / 3, 1 / 3, 1 / 3, 1, 0, 0, 0, 0.5, 0.5, 0, 49 / 54, 5 / 54, 0, 1 / 46, 45 / 46),
  impurity: Float64Array.of(0.667, 0, 0.5, 0.168, 0.043),
  samples: Int32Array.of(150, 50, 100, 54, 46),
  weight: Float64Array.of(150, 50, 100, 54, 46),
}
const meaning = {
  features: ['sepal length', 'sepal width', 'petal length', 'petal width'].map((name) => ({ name })),
  classes: ['setosa', 'versicolor', 'virginica'],
}

describe('text', () => {
  test('reads like the tree', () => {
    assert.equal(
      treeText(iris, meaning),
      `petal width ≤ 0.8
├─ yes: setosa (100 %), 50 rows
└─ no: petal width ≤ 1.75
   ├─ yes: versicolor (90.7 %), 54 rows
   └─ no: virginica (97.8 %), 46 rows`,
    )
    assert.equal(treeText(iris, { features: [] }).split('\n')[0], 'feature 3 ≤ 0.8')
    assert.equal(
      treeText(iris, meaning, { maxDepth: 1, missing: true }),
      `petal width ≤ 0.8 (missing is no)
├─ yes: setosa (100 %), 50 rows
└─ no: … 3 nodes more`,
    )
    assert.equal(treeText(iris, meaning, { maxDepth: 0 }), '… 5 nodes more')
  })

  test('has a line for every node, each under its parent', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 3 }), (seed, width) => {
        const ensemble = randomEnsemble(seed, { width, trees: 1, leaves: 40 })
        const tree = ensemble.trees[0] as Tree
        const lines = treeText(tree, ensemble, { maxDepth: 100 }).split('\n')
        assert.equal(lines.length, tree.nodes)
        assert.equal(lines.filter((line) => / rows?$/.test(line)).length, leavesOf(tree))
        assert.equal(lines.filter((line) => line.includes('├─ yes')).length, lines.filter((line) => line.includes('└─ no')).length)
        const deepest = Math.max(...lines.map((line) => (line.search(/[├└]/) < 0 ? 0 : line.search(/[├└]/) / 3 + 1)))
        assert.equal(deepest, depthOf(tree))
      }),
      { numRuns: 50 },
    )
  })
})

test('rules of sets name the side that is shorter, and no category that does not exist', () => {
  const set = (categories: number, inside: readonly number[]) => {
    const word = inside.reduce((bits, category) => bits | (1 << category), 0) >>> 0
    const tree = { ...iris, setAt: Int32Array.of(0, -1, -1, -1, -1), sets: Uint32Array.of(1, word) }
    return (most?: number) =>
      ruleOf(tree, 0, { features: [...meaning.features.slice(0, 3), { name: 'colour', categories }] }, undefined, most)
  }
  assert.equal(set(8, [3])(), 'colour is 3')
  assert.equal(set(8, [1, 4, 7])(), 'colour is 1, 4 or 7')
  assert.equal(set(8, [0, 1, 2, 3, 5, 6, 7])(), 'colour is not 4')
  assert.equal(set(4, [0, 3, 30])(), 'colour is 0 or 3')
  assert.equal(set(30, [1, 3, 5, 7, 9])(2), 'colour is 1, 3 or 3 more')
  assert.equal(set(3, [])(), 'colour is none')
})

describe('a drawn tree', () => {
  test('stands tidily: nothing overlaps, yes is left of no, parents are above the middle', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 9 }), (seed, maxDepth) => {
        const tree = randomTree(random(seed), { leaves: 40 })
        const { placed, right, depth } = layout(tree, maxDepth, 100)
        assert.equal(depth, Math.min(maxDepth, depthOf(tree)))
        for (let level = 0; level <= depth; level++) {
          const row = placed.filter((one) => one.depth === level).map(({ x }) => x)
          for (let i = 1; i < row.length; i++)
            assert.ok((row[i] as number) - (row[i - 1] as number) >= 100 - 1e-6, `level ${level}: ${row}`)
        }
        for (const one of placed) {
          assert.ok(one.x >= -1e-6 && one.x <= right + 1e-6)
          const children = placed.filter(({ parent }) => parent === one.node)
          assert.ok(children.length === 0 || children.length === 2)
          if (children.length === 0) continue
          assert.deepEqual(
            children.map(({ yes }) => yes),
            [true, false],
          )
          assert.ok(Math.abs((children[0]!.x + children[1]!.x) / 2 - one.x) < 1e-6)
        }
        assert.ok(Math.abs(Math.min(...placed.map(({ x }) => x))) < 1e-6)
      }),
      { numRuns: 100 },
    )
  })

  test('says what its nodes ask and stand for', () => {
    const svg = treeSvg(iris, { ...meaning, title: 'Irises' })
    for (const words of [
      'Irises',
      'petal width ≤ 0.8',
      'setosa (100 %)',
      'virginica (97.8 %)',
      '36.0 % of rows',
      'missing is no',
      'impurity 0.667',
    ])
      assert.ok(svg.includes(words), words)
    assert.equal(count(svg, 'class="card'), 5)
    assert.equal(count(svg, 'class="edge'), 4)
    assert.equal(count(svg, '>yes</text>'), 2)
    const cutOff = treeSvg(iris, { ...meaning, maxDepth: 1 })
    assert.equal(count(cutOff, 'class="card'), 3)
    assert.ok(cutOff.includes('… 2 nodes below'))
  })

  test('is sound XML for any tree and any names, and nothing in a name breaks out', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(1, 2, 30),
        fc.array(fc.string({ unit: 'binary' }), { minLength: 5, maxLength: 5 }),
        (seed, width, names) => {
          const ensemble = randomEnsemble(seed, { width, trees: 1, leaves: 12 })
          const features = ensemble.features.map((feature, k) => ({ ...feature, name: `${names[k]}<script>&"` }))
          const svg = treeSvg(ensemble.trees[0] as Tree, {
            features,
            classes: ensemble.classes?.map(() => '</text><b>'),
            title: names[0] as string,
          })
          assertSound(svg)
          assertSound(
            importancesSvg(
              names,
              names.map((name) => name.length - 2),
            ),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  test('knows what it does not know', () => {
    const unknown = {
      ...iris,
      value: iris.value.slice(),
      weight: new Float64Array(5).fill(Number.NaN),
      impurity: new Float64Array(5).fill(Number.NaN),
    }
    unknown.value.fill(Number.NaN, 0, 3).fill(Number.NaN, 6, 9)
    const svg = treeSvg(unknown, meaning)
    assert.ok(!/NaN|undefined|Infinity/.test(svg))
    assert.ok(!svg.includes('of rows') && svg.includes('setosa (100 %)'))
    assert.equal(treeText(unknown, meaning).split('\n')[1], '├─ yes: setosa (100 %)')
  })

  test('refuses depths that are none', () => {
    for (const maxDepth of [-1, 1.5, Number.NaN, 65])
      assert.throws(
        () => treeSvg(iris, { ...meaning, maxDepth }),
        (error) => error instanceof TuttiError && error.code === 'BAD_OPTION',
      )
  })
})

describe('importances', () => {
  const names = ['a', 'b', 'c', 'd']
  test('are sorted bars as long as what they say', () => {
    const svg = importancesSvg(names, [0.1, 0.6, 0.3, -0.05])
    const bars = [...svg.matchAll(/<title>(\w): (-?[\d.]+)<\/title>.*?<rect class="(bar[^"]*)".*?width="([\d.]+)"/g)].map(
      ([, name, value, kind, width]) => ({ name, value: Number(value), kind, width: Number(width) }),
    )
    assert.deepEqual(
      bars.map(({ name }) => name),
      ['b', 'c', 'a', 'd'],
    )
    for (const { value, width } of bars) assert.ok(Math.abs(width / Math.abs(value) / ((bars[0]?.width as number) / 0.6) - 1) < 0.02)
    assert.deepEqual(
      bars.map(({ kind }) => kind),
      ['bar', 'bar', 'bar', 'bar harm'],
    )
    assert.equal(count(svg, 'class="whisker"'), 0)
  })

  test('have whiskers where deviations are given, and tell the rest in a line', () => {
    const svg = importancesSvg(names, [0.1, 0.6, 0.3, 0], [0.01, 0.02, 0.03, 0], { most: 2 })
    assert.equal(count(svg, 'class="whisker"'), 2)
    assert.ok(svg.includes('b: 0.6 ± 0.02'))
    assert.ok(svg.includes('and 2 more, worth 0.1 together'))
  })

  test('that are all zero, or tiny, are drawn too', () => {
    for (const mean of [
      [0, 0, 0, 0],
      [1e-305, 0, 0, 0],
      [1e-12, 2e-12, 0, 0],
      [1e12, 0, 0, -1e12],
    ]) {
      const svg = importancesSvg(names, mean)
      assert.ok(!/NaN|Infinity|undefined/.test(svg), svg)
      assertSound(svg)
    }
  })

  test('that do not fit their names are refused', () => {
    const refused = (...args: Parameters<typeof importancesSvg>) =>
      assert.throws(
        () => importancesSvg(...args),
        (error) => error instanceof TuttiError && error.code === 'BAD_OPTION',
      )
    refused([], [])
    refused(names, [1, 2])
    refused(names, [1, 2, 3, Number.NaN])
    refused(names, [1, 2, 3, 4], [1])
    refused(names, [1, 2, 3, 4], undefined, { most: 0 })
  })
})

test('texts are cut to their room', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 30 }), (text, letters) => {
      for (const shorten of [cut, cutInside]) {
        const short = shorten(text, letters)
        assert.ok(lettersOf(short) <= letters, `${short} is longer than ${letters}`)
        if (lettersOf(text) <= letters) assert.equal(short, text)
        else assert.ok(short.includes('…'))
      }
    }),
  )
  assert.equal(cutInside('Horizontal_Distance_To_Hydrology', 17), 'Horizont…ydrology')
})

test('shares near nothing and near all are not called so', () => {
  assert.deepEqual([0, 0.0001, 0.0005, 0.452, 0.9994, 0.9996, 1].map(percent), [
    '0 %',
    '< 0.1 %',
    '0.1 %',
    '45.2 %',
    '99.9 %',
    '> 99.9 %',
    '100 %',
  ])
})

function count(text: string, part: string): number {
  return text.split(part).length - 1
}

/** Tags are closed in their order, texts hold no signs of markup, and all numbers are numbers. */
function assertSound(svg: string): void {
  const open: string[] = []
  let rest = svg
  for (;;) {
    const tag = /^[^<>]*?<(\/?)([a-z]+)((?:\s[a-zA-Z][a-zA-Z0-9-]*="[^"<>]*")*)(\/?)>/.exec(rest) ?? undefined
    if (!tag) break
    const [all, closing, name, , alone] = tag
    if (closing) assert.equal(open.pop(), name)
    else if (!alone) open.push(name as string)
    assert.ok(['svg', 'style', 'text', 'g', 'title', 'rect', 'path', 'line'].includes(name as string), name)
    rest = rest.slice(all.length)
  }
  assert.deepEqual(open, [], `not closed, at ${rest.slice(0, 80)}`)
  assert.match(rest, /^\s*$/)
  assert.ok(!/&(?!amp;|lt;|gt;|quot;)/.test(svg))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those that XML cannot hold
  assert.ok(!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(svg))
  assert.ok(!/="[^"]*(NaN|Infinity|undefined)/.test(svg.replaceAll(/aria-label="[^"]*"/g, '')))
}
