/** The picture of an ablation: well-formed, self-contained, and true to the numbers. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type AblationTable, ablationSvg, summarize } from '../../src/ablation/index.ts'
import fc from '../laws.ts'

const objective = { metric: 'accuracy', direction: 'maximize' } as const
const tableOf = (effects: readonly (readonly [string, readonly number[]])[]): AblationTable =>
  summarize(
    [
      ...[0, 1, 2].map((seed) => ({ seed, state: 'finished', metrics: { accuracy: 0 } })),
      ...effects.flatMap(([name, values]) =>
        values.map((value, seed) => ({ without: [name], seed, state: 'finished', metrics: { accuracy: -value } })),
      ),
    ],
    objective,
  )

/** Attributes of the elements of a kind, in order. */
function elements(svg: string, kind: string): Record<string, string>[] {
  return [...svg.matchAll(new RegExp(`<${kind} ([^>]*?)/?>`, 'g'))].map(([, attributes = '']) =>
    Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
  )
}

/** Every tag that is opened is closed, in order. */
function assertWellFormed(svg: string): void {
  const open: string[] = []
  for (const [, close, name = '', self] of svg.matchAll(/<(\/?)([\w:]+)[^>]*?(\/?)>/g)) {
    if (close) assert.equal(open.pop(), name)
    else if (!self) open.push(name)
  }
  assert.deepEqual(open, [])
  assert.doesNotMatch(svg.replace(/<[^>]*>/g, '').replace(/&(amp|lt|gt|quot);/g, ''), /[&<>]/)
}

suite('svg', () => {
  test('dots and lines stand where their numbers are, on one axis through zero', () => {
    const value = fc.integer({ min: -1000, max: 1000 }).map((thousandth) => thousandth / 1000)
    const rows = fc.array(fc.tuple(fc.stringMatching(/^own:[a-z]{1,9}$/), fc.array(value, { minLength: 1, maxLength: 3 })), {
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(rows, (some) => {
        const table = tableOf([...new Map(some)])
        const svg = ablationSvg(table)
        assertWellFormed(svg)
        const zero = Number(elements(svg, 'line').find((line) => line.class === 'zero')?.x1)
        const dots = elements(svg, 'circle')
        assert.equal(dots.length, table.rows.length)
        const means = table.rows.map(({ effect }) => effect?.mean ?? Number.NaN)
        // One scale for all: distance from zero over the effect, to the tenth of a unit that coordinates have.
        const far = means.reduce((best, mean, i) => (Math.abs(mean) > Math.abs(means[best] as number) ? i : best), 0)
        const scale = (Number(dots[far]?.cx) - zero) / (means[far] as number)
        for (const [i, mean] of means.entries())
          if (means[far] !== 0) assert.ok(Math.abs(Number(dots[i]?.cx) - zero - mean * scale) < 0.3, `${i}`)
        const ranges = elements(svg, 'line').filter((line) => line.class?.startsWith('range'))
        assert.equal(ranges.length, table.rows.filter(({ effect }) => effect?.interval).length)
        for (const line of ranges) assert.ok(Number(line.x1) <= Number(line.x2) + 1e-9)
        for (const [i, { effect }] of table.rows.entries())
          assert.equal(dots[i]?.class, effect?.sure ? (effect.mean > 0 ? 'worth' : 'harm') : 'unsure')
      }),
    )
  })

  test('has a title, what it measures, its names as they are, and loads nothing', () => {
    const svg = ablationSvg(tableOf([['feature:a&b<c>', [0.1, 0.12, 0.11]]]), { title: 'Without "it"' })
    assertWellFormed(svg)
    assert.match(svg, /aria-label="Without &quot;it&quot;"/)
    assert.match(svg, /feature:a&amp;b&lt;c&gt;/)
    assert.match(svg, /how much worse accuracy gets without it/)
    assert.match(svg, /95 % intervals/)
    assert.doesNotMatch(svg.replace('http://www.w3.org/2000/svg', ''), /https?:|url\(|href|<script/)
    assert.match(ablationSvg(tableOf([['own:a', [0.1]]])), /What each component is worth: accuracy \(maximize\)/)
  })

  test('draws an empty axis where there is nothing yet, and one where all effects are zero', () => {
    for (const table of [summarize([], objective), tableOf([['own:a', [0, 0, 0]]])]) {
      const svg = ablationSvg(table)
      assertWellFormed(svg)
      assert.doesNotMatch(svg, /NaN|Infinity|undefined/)
    }
  })
})
