import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { compileWat } from '../../../scripts/compile-wat.ts'

const folder = resolve(import.meta.dirname, '../../../src/trees/predict')

test('the kernel that runs is the one that can be read', async () => {
  const text = readFileSync(resolve(folder, 'walk.wat'), 'utf8')
  assert.equal(readFileSync(resolve(folder, 'walk.generated.ts'), 'utf8'), await compileWat('walk.wat', text))
})
