import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TuttiError } from '../../src/core/errors.ts'
import { fromText, type Json, toText } from '../../src/core/json.ts'
import { type FromDriver, type FromWorker, readFromDriver } from '../../src/hpo/index.ts'
import { readFromWorker } from '../../src/hpo/protocol.ts'
import fc from '../laws.ts'

const about = { trial: 3, attempt: 1 }
const fromWorker: FromWorker[] = [
  { kind: 'ready' },
  { kind: 'leave' },
  { kind: 'report', ...about, step: 0, metrics: { loss: 0.5, never: Number.NaN, far: Number.NEGATIVE_INFINITY } },
  { kind: 'report', ...about, step: -1, metrics: {} },
  { kind: 'checkpoint', ...about, step: 10, best: true },
  { kind: 'model', ...about, name: 'model.safetensors' },
  { kind: 'log', ...about, level: 'warn', text: '' },
  { kind: 'result', ...about, outcome: 'finished', metrics: { loss: 1 }, components: ['augmentation'] },
  { kind: 'result', ...about, outcome: 'failed', metrics: {}, error: { code: 'USER_CODE', message: 'mine' } },
]
const fromDriver: FromDriver[] = [
  { kind: 'trial', ...about, config: { a: 1, b: 'x', c: false, d: Number.NaN }, seed: 0, metrics: {}, best: null },
  { kind: 'trial', ...about, config: {}, seed: 7, metrics: { loss: Number.NaN }, best: Number.NaN, without: ['layer:hidden'] },
  { kind: 'verdict', verdict: 'preempt' },
  { kind: 'preempt', ...about },
]

test('what is said arrives as it was said, also as text', () => {
  for (const message of fromWorker) assert.deepEqual(readFromWorker(fromText(toText(message))), message)
  for (const message of fromDriver) assert.deepEqual(readFromDriver(fromText(toText(message))), message)
})

test('a message with a part missing, or with one more, is none', () => {
  const optional = ['components', 'error', 'without', 'code']
  for (const [read, messages] of [
    [readFromWorker, fromWorker],
    [readFromDriver, fromDriver],
  ] as const) {
    for (const message of messages) {
      assert.throws(() => read({ ...message, more: 1 } as Json), { code: 'PROTOCOL' })
      for (const key of Object.keys(message)) {
        if (optional.includes(key)) continue
        const { [key as 'kind']: _, ...less } = message
        assert.throws(() => read(less as Json), { code: 'PROTOCOL' }, `${message.kind} without ${key}`)
      }
    }
  }
})

test('whatever is said, it is a message or PROTOCOL in a short sentence', () => {
  const huge = fc.constantFrom('x'.repeat(1e5), 'ready'.repeat(1e4))
  const value = fc.oneof(fc.jsonValue(), huge, fc.double(), fc.constant(null))
  const like = fc.tuple(fc.constantFrom(...fromWorker, ...fromDriver), fc.string(), value).map(([message, key, changed]) => {
    const keys = Object.keys(message)
    return { ...message, [keys[key.length % keys.length] as string]: changed }
  })
  fc.assert(
    fc.property(fc.oneof(value, like), (said) => {
      for (const read of [readFromWorker, readFromDriver]) {
        try {
          read(said as Json)
        } catch (error) {
          assert.ok(error instanceof TuttiError && error.code === 'PROTOCOL', String(error))
          assert.ok(error.message.length < 500)
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('names of files stay in their folder', () => {
  for (const name of ['..', '.', '../x', '/etc/passwd', 'a/b', '', '-x', 'x.', '.hidden', 'a'.repeat(200), 'con\0'])
    assert.throws(() => readFromWorker({ kind: 'model', ...about, name }), { code: 'PROTOCOL' }, name)
})
