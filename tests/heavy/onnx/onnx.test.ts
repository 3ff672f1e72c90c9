/**
 * What is compiled is ONNX to others: the checker of Python's `onnx` passes it, and Python's onnxruntime gives the
 * reference runtime's numbers. Weights and numbers cross over as safetensors, read there by its own library.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { runtimes, toOnnx } from '../../../src/graph/index.ts'
import { safetensors } from '../../../src/tensor/index.ts'
import { type Case, modelCases, modelNames, operatorCases, operatorNames } from './cases.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-onnx-'))
const cases = new Map<string, Case[]>()
/** What Python found wrong, by case. */
let verdicts: Readonly<Record<string, string | null>> = {}

before(async () => {
  for (const key of operatorNames) cases.set(key, operatorCases(key))
  for (const name of modelNames) cases.set(name, modelCases(name))
  const all = [...cases.values()].flat()
  for (const [i, one] of all.entries()) await write(join(folder, String(i)), one)
  verdicts = check()
})
after(() => rmSync(folder, { recursive: true }))

describe('operators, with their gradients', () => {
  for (const key of operatorNames) test(key, () => accepted(key))
})

describe('models, and their training steps', () => {
  for (const name of modelNames) test(name, () => accepted(name))
})

test('a model that is wrong, and one with wrong numbers, would be found', async () => {
  const [good] = operatorCases('add') as [Case]
  const twice: Case = {
    ...good,
    name: 'wrong numbers',
    feeds: Object.fromEntries(Object.keys(good.feeds).map((key) => [key, good.feeds.x0!])),
  }
  const at = mkdtempSync(join(tmpdir(), 'tutti-onnx-'))
  try {
    await write(join(at, '0'), good)
    writeFileSync(join(at, '0', 'feeds.safetensors'), safetensors.encode(twice.feeds))
    await write(join(at, '1'), { ...good, name: 'cut off' })
    writeFileSync(join(at, '1', 'model.onnx'), toOnnx(good.graph).subarray(0, 40))
    const found = check(at)
    assert.match(String(found[good.name]), /instead of/)
    assert.notEqual(found['cut off'], null)
  } finally {
    rmSync(at, { recursive: true })
  }
})

function accepted(key: string): void {
  for (const { name } of cases.get(key) as Case[]) assert.equal(verdicts[name], null, `${name}: ${verdicts[name]}`)
}

async function write(at: string, { name, graph, feeds, tolerance }: Case): Promise<void> {
  mkdirSync(at)
  const executable = await runtimes.reference().compile(graph)
  writeFileSync(join(at, 'case.json'), JSON.stringify({ name, tolerance }))
  writeFileSync(join(at, 'model.onnx'), toOnnx(graph))
  const used = Object.fromEntries(Object.keys(graph.inputs).map((key) => [key, feeds[key]!]))
  writeFileSync(join(at, 'feeds.safetensors'), safetensors.encode(used))
  writeFileSync(join(at, 'wanted.safetensors'), safetensors.encode(await executable.run(used)))
}

/** Checks every case of a folder in one Python process. */
function check(at = folder): Record<string, string | null> {
  const python = process.env.TUTTI_PYTHON
  assert.ok(python, 'TUTTI_PYTHON is not set: run these tests with `npm run test:heavy`')
  const script = resolve(import.meta.dirname, '../../../scripts/onnx-check.py')
  const { status, stdout, stderr } = spawnSync(python, [script, at], { encoding: 'utf8', maxBuffer: 2 ** 28 })
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout) as Record<string, string | null>
}
