import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { tensor } from '../../src/tensor/index.ts'
import { toMetric } from '../../src/train/evaluate.ts'
import { addToConfusion, confusionTable } from '../../src/train/metrics/confusion.ts'
import * as metrics from '../../src/train/metrics/index.ts'

interface Case {
  readonly name: string
  readonly shape: number[]
  readonly output: number[]
  readonly labels?: number[]
  readonly numbers?: number[]
  readonly want: Record<string, number>
}

/** Made by scripts/metric-vectors.py with scikit-learn. */
const cases = JSON.parse(readFileSync(new URL('vectors/metrics.json', import.meta.url), 'utf8')) as Case[]

/** 'f1 micro' and 'topK 2' carry an option. */
function metricNamed(key: string) {
  const [kind = '', option] = key.split(' ')
  if (kind === 'topK') return metrics.topK({ k: Number(option) })
  if (option !== undefined) return metrics.f1({ average: option as 'micro' })
  return toMetric(kind as 'accuracy')
}

describe('metrics equal scikit-learn', () => {
  for (const { name, shape, output, labels, numbers, want } of cases) {
    for (const [key, value] of Object.entries(want)) {
      test(`${key} of ${name}, whole or in batches`, () => {
        const rows = shape[0] as number
        const width = shape[1] as number
        for (const size of [rows, 7]) {
          const metric = metricNamed(key)
          const state = metric.init()
          for (let from = 0; from < rows; from += size) {
            const to = Math.min(rows, from + size)
            const part = tensor('float32', [to - from, width], output.slice(from * width, to * width))
            const target = labels
              ? tensor('int32', [to - from], labels.slice(from, to))
              : tensor('float32', [to - from, 1], numbers!.slice(from, to))
            metric.add(state as never, part, target)
          }
          const got = metric.finish(state as never)
          assert.ok(Math.abs(got - value) < 1e-6 * Math.max(1, Math.abs(value)), `${got} instead of ${value}`)
        }
      })
    }
  }

  test('every metric of the registry is held to it', () => {
    const tested = new Set(cases.flatMap(({ want }) => Object.keys(want).map((key) => key.split(' ')[0])))
    assert.deepEqual(
      Object.keys(metrics).filter((kind) => !tested.has(kind)),
      [],
    )
  })
})

test('a confusion matrix counts wanted by row and predicted by column', () => {
  const matrix = { classes: 0, counts: new Float64Array(0) }
  addToConfusion('test', matrix, tensor('float32', [4, 2], [1, 0, 0, 1, 0, 1, 1, 0]), tensor('int32', [4], [0, 0, 1, 1]))
  assert.deepEqual([...matrix.counts], [1, 1, 1, 1])
  const more = { classes: 2, counts: Float64Array.of(120, 3, 0, 45) }
  assert.deepEqual(confusionTable(more, undefined).counts, [
    [120, 3],
    [0, 45],
  ])
  assert.equal(String(confusionTable(more, ['ham', 'spam'])), '      ham  spam\nham   120     3\nspam    0    45')
})

test('a metric that does not suit says why; an unknown one names what there is', () => {
  const { accuracy, mse } = metrics
  assert.throws(
    () => accuracy().add(accuracy().init(), tensor('float32', [2, 3]), tensor('float32', [2])),
    /'accuracy' cannot be computed here: it needs one integer label/,
  )
  assert.throws(() => mse().add(mse().init(), tensor('float32', [2, 3]), tensor('float32', [2])), /compares numbers one to one/)
  assert.throws(() => toMetric('acuracy' as 'accuracy'), /no metric named 'acuracy'.*accuracy/)
})
