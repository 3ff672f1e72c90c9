/** Laws of what is drawn. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { bar } from '../../src/cli/display/bar.ts'
import { downloadDisplay } from '../../src/cli/display/download.ts'
import { formatClock, formatCount, formatNumber } from '../../src/cli/display/numbers.ts'
import { progressLine } from '../../src/cli/display/progressLine.ts'
import { sparkline } from '../../src/cli/display/sparkline.ts'
import { styleOf, widthOf } from '../../src/cli/display/style.ts'
import { table } from '../../src/cli/display/table.ts'
import { trainingDisplay } from '../../src/cli/display/training.ts'
import { virtualClock } from '../../src/core/clock.ts'
import { memoryTerminal } from '../../src/core/console.ts'
import type { Progress } from '../../src/train/index.ts'
import fc from '../laws.ts'

const progress = (about: Partial<Progress> = {}): Progress => ({
  phase: 'train',
  fit: 0,
  epoch: 2,
  epochs: 10,
  batch: 61,
  batches: 125,
  updates: 311,
  loss: 0.0812,
  learningRate: 0.1,
  examples: 20000,
  elapsed: 4000,
  metrics: { accuracy: 0.9712 },
  ...about,
})

suite('display', () => {
  test('the live line fits any terminal, with or without colors', () => {
    const metric = fc.dictionary(fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' }), fc.double(), { maxKeys: 5 })
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 200 }),
        fc.boolean(),
        metric,
        fc.option(fc.integer({ min: 1, max: 1e6 }), { nil: undefined }),
        (columns, color, metrics, batches) => {
          const drawn = progressLine(progress({ metrics, batches }), { base: 0, columns, style: styleOf(color), objective: 'accuracy' })
          assert.ok(widthOf(drawn) < columns, `${widthOf(drawn)} of ${columns}: ${drawn}`)
        },
      ),
    )
  })

  test('at 80 columns it has all that matters, in reading order', () => {
    const drawn = progressLine(progress(), { base: 0, columns: 80, style: styleOf(false), objective: undefined })
    assert.match(drawn, /^epoch {2}3\/10 {2}[━╸─]{6,} {3}61\/125 {2}loss 0\.0812 {2}accuracy 0\.9712 {2}5\.0k\/s {2}ETA 0:12$/)
  })

  test('without a known length there is no bar, no time left', () => {
    const drawn = progressLine(progress({ batches: undefined }), { base: 0, columns: 80, style: styleOf(false), objective: undefined })
    assert.match(drawn, /step 61/)
    assert.doesNotMatch(drawn, /ETA|─/)
  })

  test('draws at most ten times a second, however many steps there are', () => {
    const terminal = memoryTerminal({ interactive: true })
    const display = trainingDisplay(terminal, virtualClock())
    const now = progress({ elapsed: 0, examples: 0, batch: 0 })
    display.progress(now)
    for (let step = 0; step < 10_000; step++) {
      now.elapsed += 0.5
      now.examples += 64
      display.progress(now)
    }
    const drawings = terminal.stderr.split('\x1b[2K').length - 1
    assert.ok(drawings >= 45 && drawings <= 52, `${drawings} drawings in 5 s`)
  })

  test('a bar is as wide as asked and grows with its share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: -0.5, max: 1.5, noNaN: true }), (width, share) => {
        const { done, left } = bar(share, width)
        assert.equal([...done, ...left].length, width)
        if (share >= 1) assert.equal(left, '')
        if (share <= 0) assert.equal(done, '')
      }),
    )
  })

  test('a sparkline has at most so many marks, the lowest and the highest where they are', () => {
    assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8), '▁▂▃▄▅▆▇█')
    assert.equal(sparkline([1, 1, 1], 8), '▁▁▁')
    assert.equal(sparkline([1, Number.NaN], 8), '')
    fc.assert(
      fc.property(fc.array(fc.double()), fc.integer({ min: 2, max: 60 }), (values, width) =>
        assert.ok([...sparkline(values, width)].length <= width),
      ),
    )
  })

  test('a table is aligned, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.stringMatching(/^\w{1,9}$/), fc.stringMatching(/^\w{1,9}$/)), { minLength: 1 }), (rows) => {
        const lines = table(rows, [1]).trimEnd().split('\n')
        assert.equal(new Set(lines.map((line) => line.length)).size, 1)
      }),
    )
  })

  test('numbers are short and keep their meaning', () => {
    const cases: [string, string][] = [
      [formatNumber(0.97123), '0.9712'],
      [formatNumber(12), '12'],
      [formatNumber(12.3456), '12.35'],
      [formatNumber(0.0000321), '3.21e-5'],
      [formatNumber(Number.NaN), 'NaN'],
      [formatCount(48213), '48.2k'],
      [formatCount(999), '999'],
      [formatCount(999_950), '1.0M'],
      [formatClock(12), '0:12'],
      [formatClock(3753), '1:02:33'],
      [formatClock(59.7), '1:00'],
    ]
    for (const [got, want] of cases) assert.equal(got, want)
    fc.assert(
      fc.property(fc.double({ min: -1e12, max: 1e12, noNaN: true }), (value) =>
        assert.ok(Math.abs(Number(formatNumber(value)) - value) <= 1e-4 + Math.abs(value) * 0.006),
      ),
    )
  })

  test('downloads: a bar on a terminal, two lines elsewhere', () => {
    const plain = memoryTerminal()
    const show = downloadDisplay(plain, virtualClock())
    for (const received of [0, 50, 100]) show({ file: 'mnist/images.gz', received, total: 100 })
    assert.equal(plain.stderr, 'downloading mnist/images.gz (100 B)\ndownloaded mnist/images.gz (100 B)\n')
    const terminal = memoryTerminal({ interactive: true })
    const draw = downloadDisplay(terminal, virtualClock())
    for (const received of [0, 50, 100]) draw({ file: 'mnist/images.gz', received, total: 100 })
    assert.match(terminal.stderr, /mnist\/images\.gz {2}[━╸─]{24} {2}0 B of 100 B/)
    assert.match(terminal.stderr, /downloaded mnist\/images\.gz \(100 B\)\n$/)
  })
})
