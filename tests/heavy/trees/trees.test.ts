/**
 * Forests that cross over: what Python trained and converted is read here and predicts the same; what is written here passes the
 * checker of Python's `onnx`, and Python's onnxruntime gives our numbers.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { likeliest } from '../../../src/estimator/index.ts'
import { npy, safetensors, tensor } from '../../../src/tensor/index.ts'
import type { Ensemble } from '../../../src/trees/ensemble.ts'
import { ensembleToOnnx, importOnnx } from '../../../src/trees/onnx/index.ts'
import { type RandomEnsembleOptions, randomEnsemble, randomRows, slowOutputs } from '../../trees/randomTrees.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-trees-'))
const learned = join(folder, 'learned')
const written = join(folder, 'written')
let names: readonly string[] = []

before(() => {
  names = ['sklearn', 'boosting'].flatMap(
    (which) => JSON.parse(python(join(import.meta.dirname, `${which}_to_onnx.py`), learned)) as string[],
  )
})
after(() => rmSync(folder, { recursive: true }))

function python(script: string, ...args: string[]): string {
  const program = process.env.TUTTI_PYTHON
  assert.ok(program, 'TUTTI_PYTHON is not set: run these tests with `npm run test:heavy`')
  const { status, stdout, stderr } = spawnSync(program, [script, ...args], { encoding: 'utf8', maxBuffer: 2 ** 28 })
  assert.equal(status, 0, stderr)
  return stdout
}

const learnedNames = [
  ...[
    'decision-tree-two',
    'decision-tree-named',
    'decision-tree-value',
    'forest-two',
    'forest-three',
    'forest-value',
    'extra-two',
    'extra-named',
  ],
  ...['extra-value', 'boosting-two', 'boosting-three', 'boosting-value', 'hist-two', 'hist-three', 'hist-value'],
  ...['lightgbm-two', 'lightgbm-three', 'lightgbm-value', 'lightgbm-sets-two', 'lightgbm-sets-three', 'lightgbm-sets-value'],
  ...['xgboost-two', 'xgboost-three', 'xgboost-value', 'xgboost-counts-value'],
]

describe("what scikit-learn, LightGBM and XGBoost learned, by their converters' files", () => {
  test('is all there', () => assert.deepEqual([...names].sort(), [...learnedNames].sort()))

  for (const name of learnedNames) {
    test(name, () => {
      const ensemble = importOnnx(readFileSync(join(learned, `${name}.onnx`)), { file: name })
      const read = (part: string) => npy.decode(readFileSync(join(learned, `${name}.${part}.npy`)), part)
      const x = Float32Array.from(read('x').data as Float32Array)
      const want = Float64Array.from(read('outputs').data as Float64Array)
      const got = slowOutputs(ensemble, x)
      const columns = want.length / (x.length / ensemble.features.length)
      assert.equal(got.length, want.length)
      // The file holds each leaf's share, divided by the trees, in single precision.
      for (let i = 0; i < want.length; i++) {
        const [is, was] = [got[i] as number, want[i] as number]
        assert.ok(Math.abs(is - was) <= 1e-6 * (1 + Math.abs(was)), `row ${Math.floor(i / columns)}: ${is}, and it was ${was}`)
      }
      if (ensemble.task === 'regression') return
      const [labels, wanted] = [likeliest(got, columns), likeliest(want, columns)]
      for (const [row, label] of labels.entries()) {
        const [mine, theirs] = [label, wanted[row]].map((k) => want[row * columns + (k as number)] as number)
        assert.ok(
          label === wanted[row] || Math.abs((mine as number) - (theirs as number)) < 1e-6,
          `row ${row}: ${label}, not ${wanted[row]}`,
        )
      }
    })
  }
})

const forms: Readonly<Record<string, RandomEnsembleOptions>> = {
  'values by a forest': { trees: 40, leaves: 100 },
  'two classes': { width: 2, trees: 20 },
  'seven classes': { width: 7, trees: 20, leaves: 100 },
  'boosting of two classes': { link: 'logistic', trees: 30 },
  'boosting of four classes': { link: 'softmax', columns: 4, trees: 20 },
  'boosting of positive values': { link: 'exp', trees: 10 },
  'many sets': {
    features: [
      { name: 'c', categories: 254 },
      { name: 'd', categories: 3 },
    ],
    width: 3,
    leaves: 40,
  },
  'one leaf': { trees: 1, leaves: 1, width: 2 },
  'no tree': { trees: 0, link: 'logistic' },
}

test("what is written here is right in Python's eyes", () => {
  const made: (readonly [string, Ensemble])[] = [
    ...Object.entries(forms).map(([name, options], seed) => [name, randomEnsemble(seed, options)] as const),
    ...names.map((name) => [`${name}, again`, importOnnx(readFileSync(join(learned, `${name}.onnx`)))] as const),
  ]
  mkdirSync(written)
  for (const [i, [name, ensemble]] of made.entries()) write(join(written, String(i)), name, ensemble)
  // One that would be found.
  const [[, first]] = made as [(typeof made)[number]]
  write(join(written, 'wrong'), 'wrong', first, 1)
  const { wrong, ...verdicts } = JSON.parse(python(resolve(import.meta.dirname, '../../../scripts/onnx-check.py'), written))
  assert.match(String(wrong), /instead of/)
  assert.deepEqual(verdicts, Object.fromEntries(made.map(([name]) => [name, null])))
})

function write(at: string, name: string, ensemble: Ensemble, off = 0): void {
  mkdirSync(at)
  const rows = 500
  const x = randomRows(3, ensemble, rows)
  const outputs = slowOutputs(ensemble, x)
  const columns = outputs.length / rows
  const labels = BigInt64Array.from(likeliest(outputs, columns), BigInt)
  writeFileSync(join(at, 'case.json'), JSON.stringify({ name, tolerance: 1e-6, domains: ['ai.onnx.ml'] }))
  writeFileSync(join(at, 'model.onnx'), ensembleToOnnx(ensemble))
  writeFileSync(join(at, 'feeds.safetensors'), safetensors.encode({ x: tensor('float32', [rows, ensemble.features.length], x) }))
  writeFileSync(
    join(at, 'wanted.safetensors'),
    safetensors.encode({
      output: tensor(
        'float32',
        [rows, columns],
        Float32Array.from(outputs, (value) => value + off),
      ),
      ...(ensemble.task === 'classification' && { label: tensor('int64', [rows], labels) }),
    }),
  )
}
