import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { compileWat } from '../../../scripts/compile-wat.ts'

const folder = resolve(import.meta.dirname, '../../../src/trees/predict')

for (const name of ['walk', 'row'])
  test(`the kernel '${name}' that runs is the one that can be read`, async () => {
    const text = readFileSync(resolve(folder, `${name}.wat`), 'utf8')
    assert.equal(readFileSync(resolve(folder, `${name}.generated.ts`), 'utf8'), await compileWat(`${name}.wat`, text))
  })
