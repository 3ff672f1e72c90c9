import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { catalogue, fail, failBecause, messageOf, TuttiError } from '../../src/core/errors.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/errors.md'), 'utf8')
const documented = [...page.matchAll(/^### (\w+)\n+(\S[^\n]*)/gm)].map(([, code]) => code as string)

suite('errors', () => {
  test('every code has one paragraph in the docs, and every paragraph its code', () => {
    assert.deepEqual(documented.toSorted(), Object.keys(catalogue).toSorted())
  })

  test('no two rooms give the same code, and the catalogue has them all', async () => {
    const folder = join(import.meta.dirname, '../../src/core/errors')
    const rooms = await Promise.all(readdirSync(folder).map((file) => import(join(folder, file))))
    assert.deepEqual(rooms.flatMap(({ errors }) => Object.keys(errors)).toSorted(), Object.keys(catalogue).toSorted())
  })

  test('an error is its code, its sentence with the values, and its cause', () => {
    const cause = new Error('deep down')
    const error = failBecause(cause, 'SHAPE_MISMATCH', "layer 'logits'", '[2, 3]', '[2, 4]')
    assert.ok(error instanceof TuttiError && error instanceof Error)
    assert.equal(error.code, 'SHAPE_MISMATCH')
    assert.match(error.message, /^layer 'logits' got \[2, 3\] but needs \[2, 4\]/i)
    assert.equal(error.cause, cause)
    assert.equal(fail('INTERNAL', 'x').cause, undefined)
  })

  test('anything thrown has a message', () => {
    assert.equal(messageOf(new Error('why')), 'why')
    assert.equal(messageOf('text'), 'text')
    assert.equal(messageOf(undefined), 'undefined')
  })
})
