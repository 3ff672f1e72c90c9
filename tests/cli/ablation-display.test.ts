/** The table of an ablation on a terminal. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { type AblationTrial, summarize } from '../../src/ablation/index.ts'
import { ablationText, componentsText } from '../../src/cli/display/ablation.ts'
import { widthOf } from '../../src/cli/display/style.ts'
import fc from '../laws.ts'

const objective = { metric: 'accuracy', direction: 'maximize' } as const
const trial = (without: readonly string[], seed: number, accuracy: number): AblationTrial => ({
  without,
  seed,
  state: 'finished',
  metrics: { accuracy },
})
const seeds = [0, 1, 2]
const some = (without: readonly string[], values: readonly number[]) => seeds.map((seed) => trial(without, seed, values[seed] as number))
const trials = [
  ...some([], [0.9, 0.91, 0.92]),
  ...some(['feature:age'], [0.8, 0.82, 0.81]),
  ...some(['layer:dropout'], [0.92, 0.93, 0.9401]),
  ...some(['feature:sex'], [0.9, 0.912, 0.919]),
]
const wide = { columns: 110, color: false }

suite('ablation', () => {
  test('sorted by effect, with intervals, stars and a plot', () => {
    const lines = ablationText(summarize(trials, objective), wide).split('\n')
    assert.equal(lines[0], 'accuracy (maximize)  0.9100 with everything (3 seeds)')
    assert.match(lines[2] ?? '', /^without +accuracy +worth +95 % interval +0 +\+0\.1248$/)
    assert.match(lines[3] ?? '', /^feature:age +0\.8100 +\+0\.1000 +\[\+0\.0752, \+0\.1248\] +\* .*│ .*├─+●─+┤$/)
    assert.match(lines[4] ?? '', /^feature:sex +0\.9103 +-0\.0003 +\[-0\.0041, \+0\.0035\] .*●/)
    assert.match(lines[5] ?? '', /^layer:dropout +0\.9300 +-0\.0200 +\[-0\.0202, -0\.0199\] +\* +● +│$/)
    assert.match(lines.slice(6).join('\n'), /worth: how much worse accuracy gets without it.*\n\* the interval excludes zero\n$/s)
    // Zero stands in one column.
    const zero = lines.slice(3, 6).flatMap((line) => (line.includes('│') ? [line.indexOf('│')] : []))
    assert.equal(new Set(zero).size, 1)
    assert.equal(lines[2]?.lastIndexOf(' 0 '), (zero[0] ?? 0) - 1)
  })

  test('colors say what is sure, and nothing else changes', () => {
    const found = summarize(trials, objective)
    const colored = ablationText(found, { ...wide, color: true })
    assert.equal(stripVTControlCharacters(colored), ablationText(found, wide))
    assert.ok(colored.includes('\x1b[32m+0.1000'))
    assert.ok(colored.includes('\x1b[31m-0.0200'))
    assert.ok(!colored.includes('m-0.0003'))
  })

  test('one seed has no intervals and says why', () => {
    const text = ablationText(summarize([trial([], 0, 0.9), trial(['own:a'], 0, 0.8)], objective), wide)
    assert.doesNotMatch(text, /interval +|\*/)
    assert.match(text, /one seed tells nothing of chance/)
    assert.match(text, /^own:a +0\.8000 +\+0\.100/m)
  })

  test('pairs, failures, and what is still open have their lines', () => {
    const more: AblationTrial[] = [
      ...trials,
      ...some(['feature:age', 'feature:sex'], [0.7, 0.71, 0.73]),
      { without: ['layer:wide'], seed: 0, state: 'failed', metrics: {}, error: { message: 'The loss became NaN.' } },
      { without: ['layer:wide'], seed: 1, state: 'running', metrics: {} },
    ]
    const text = ablationText(summarize(more, objective), wide)
    assert.match(text, /^both at once +beyond the sum +95 % interval\nfeature:age & feature:sex +\+0\.0\d+ +\[.*\]/m)
    assert.match(text, /^failed {2}layer:wide, seed 0: The loss became NaN\.$/m)
    assert.match(text, /^open {4}layer:wide, seed 1$/m)
    assert.match(text, /^layer:wide +open/m)
    assert.match(ablationText(summarize([], objective), wide), /no base trial finished/)
  })

  test('fits any terminal of 72 columns and more, whatever the numbers', () => {
    const value = fc.integer({ min: -999_999, max: 999_999 }).map((n) => n / 1000)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.stringMatching(/^feature:[a-z]{1,40}$/), fc.tuple(value, value, value)), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 72, max: 200 }),
        fc.integer({ min: -9, max: 0 }),
        (rows, columns, size) => {
          const scaled = rows.flatMap(([name, values]) => some([name], values.map((one) => one * 10 ** size))) // biome-ignore format: one line
          const text = ablationText(summarize([...some([], [0, 0, 0]), ...scaled], objective), { columns, color: false })
          for (const line of text.split('\n')) assert.ok(widthOf(line) <= Math.max(columns, 82), `${widthOf(line)} of ${columns}: ${line}`)
          assert.doesNotMatch(text, /NaN|undefined/)
        },
      ),
    )
  })

  test('components: what each is, and why some cannot go', () => {
    const base = { kind: 'layer', inner: false, group: false } as const
    const text = componentsText(
      [
        { ...base, id: 'layer:hidden', name: 'hidden', members: ['hidden'], about: 'dense, 20 parameters' },
        { ...base, id: 'layer:logits', name: 'logits', members: ['logits'], about: 'dense', refused: "it gives the model's output." },
        { ...base, id: 'layer:memory', name: 'memory', members: ['memory'], about: 'gru', note: "'memory' is replaced by flatten" },
      ],
      wide,
    )
    assert.equal(
      text,
      [
        'layer:hidden  dense, 20 parameters\n',
        "layer:logits  dense                 no: it gives the model's output.\n",
        "layer:memory  gru                   'memory' is replaced by flatten\n",
      ].join(''),
    )
  })
})
