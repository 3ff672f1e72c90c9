/** Runs of estimators: what they leave, that it predicts the same from files of raw columns, studies and ablations of them. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type { Table } from '../../src/data/index.ts'
import { ablate, openStore, tune } from '../../src/index.ts'
import { loadTraining } from '../../src/run/index.ts'
import { npy, safetensors, tensor } from '../../src/tensor/index.ts'
import { nearestMean } from '../train/nearestMean.ts'
import { artifact, call, type Folder, temporary } from './place.ts'

const file = join(import.meta.dirname, 'fixtures/nearest.ts')

let folder: Folder
let run: string
before(async () => {
  folder = await temporary()
  const { stdout, stderr } = await call(['train', file, '--store', folder.store, '--json', '--quiet', '--set', 'shrink=0.1'])
  assert.equal(stderr, '')
  run = JSON.parse(stdout).run
})
after(() => folder[Symbol.asyncDispose]())

const csv = 'job,size,noise,other\nsmith,1.5,0.1,9\ncook,-2,0.25,9\n?,,0,9\nastronaut,0.75,-0.5,9\n'

interface Row {
  class: string
  probabilities: Record<string, number>
}
async function predicted(model: string, path: string): Promise<Row[]> {
  const { code, stdout, stderr } = await call(['predict', model, '--input', path, '--store', folder.store, '--json'])
  assert.equal(code, 0, stderr)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

suite('a run of an estimator', () => {
  test('leaves the model as ONNX, JSON and a signature that names features, classes and parameters', async () => {
    await using store = await openStore({ path: folder.store, readOnly: true })
    const kept = (await store.artifacts(run)).filter(({ kind }) => kind === 'model').map(({ name }) => name)
    assert.deepEqual(kept.sort(), ['estimator.json', 'model.json', 'model.onnx'])
    const signature = JSON.parse(new TextDecoder().decode(await artifact(folder.store, 'model.json')))
    assert.deepEqual(signature.inputs, [{ name: 'x', dtype: 'float32', shape: ['batch', 3], names: ['size', 'noise', 'job'] }])
    assert.deepEqual(signature.output, { name: 'output', dtype: 'float32', shape: ['batch', 2], gives: 'probabilities' })
    assert.deepEqual(signature.target.classes, ['no', 'yes'])
    assert.deepEqual(signature.estimator, { name: 'nearestMean', task: 'classification', params: { shrink: 0.1, jitter: 0 } })
    assert.equal(JSON.parse(new TextDecoder().decode(await artifact(folder.store, 'estimator.json'))).estimator, 'nearestMean')
  })

  test('the same seed leaves the same bytes', async () => {
    const again = await temporary()
    await using _ = again
    await call(['train', file, '--store', again.store, '--quiet', '--set', 'shrink=0.1'])
    for (const name of ['model.onnx', 'model.json', 'estimator.json'])
      assert.deepEqual(await artifact(again.store, name), await artifact(folder.store, name))
  })

  test('a file of raw columns, in any order and with gaps, gives what the predictor gives for the encoded table', async () => {
    const path = await folder.file('raw.csv', csv)
    const training = await loadTraining(file)
    const { train } = (await training.data(training.config)) as { train: Table }
    const predictor = await nearestMean({ shrink: 0.1 }).fit(train)
    const codes = { cook: 0, nurse: 1, smith: 2, other: 3 }
    const rows = [
      [1.5, 0.1, codes.smith],
      [-2, 0.25, codes.cook],
      [Number.NaN, 0, codes.other],
      [0.75, -0.5, codes.other],
    ]
    const wanted = predictor.outputs({
      ...{ name: 'raw', rows: 4, features: predictor.features, x: Float32Array.from(rows.flat()) },
      ...{ y: undefined, classes: undefined, task: undefined },
    })
    const rowsOfFile = await predicted(run, path)
    for (const [i, { class: name, probabilities }] of rowsOfFile.entries()) {
      assert.ok(Math.abs((probabilities.no as number) - (wanted[2 * i] as number)) < 1e-6)
      assert.ok(Math.abs((probabilities.yes as number) - (wanted[2 * i + 1] as number)) < 1e-6)
      assert.equal(name, (wanted[2 * i] as number) >= (wanted[2 * i + 1] as number) ? 'no' : 'yes')
    }
    const json = await folder.file(
      'raw.jsonl',
      [
        '{"size":1.5,"noise":0.1,"job":"smith"}',
        '{"noise":0.25,"size":-2,"job":"cook"}',
        '{"noise":0}',
        '{"size":0.75,"noise":-0.5,"job":"astronaut"}',
      ].join('\n'),
    )
    assert.deepEqual(await predicted(run, json), rowsOfFile)
  })

  test('export: the files and a card that says what they are; the exported model predicts alone', async () => {
    const to = join(folder.path, 'exported')
    const { code, stdout } = await call(['export', run, '--to', to, '--store', folder.store])
    assert.equal(code, 0)
    for (const name of ['model.onnx', 'estimator.json', 'model.json', 'README.md']) assert.ok(stdout.includes(name))
    assert.ok(!stdout.includes('safetensors'))
    const card = await readFile(join(to, 'README.md'), 'utf8')
    assert.match(card, /one probability a class/)
    assert.match(card, /`estimator\.json` holds all that was learned/)
    assert.match(card, /Parameters of the nearestMean:\n\n.*\n.*\n\| shrink \| 0\.1 \|/)
    const path = await folder.file('again.csv', csv)
    assert.deepEqual(await predicted(join(to, 'model.onnx'), path), await predicted(run, path))
  })

  test('pictures: bytes in a row, in their shape and as JSON are read as the training data stored them', async () => {
    const file = join(import.meta.dirname, 'fixtures/nearestPixels.ts')
    const { stdout, stderr } = await call(['train', file, '--store', folder.store, '--json', '--quiet'])
    const { run: pixels } = JSON.parse(stdout)
    assert.equal(stderr, '')
    const bytes = Uint8Array.from({ length: 48 }, (_, i) => (i * 37) % 256)
    const shaped = await predicted(pixels, await folder.file('shaped.npy', npy.encode(tensor('uint8', [3, 1, 4, 4], bytes))))
    const rows = [0, 1, 2].map((i) => [...bytes.subarray(16 * i, 16 * i + 16)])
    assert.deepEqual(await predicted(pixels, await folder.file('rows.json', JSON.stringify(rows))), shaped)
    assert.deepEqual(await predicted(pixels, await folder.file('rows.csv', rows.map((row) => row.join()).join('\n'))), shaped)
    const training = (await loadTraining(file)).data({}) as { train: Table }
    const predictor = await nearestMean().fit(training.train)
    const wanted = predictor.outputs({
      ...{ name: 'bytes', rows: 3, features: predictor.features, x: Float32Array.from(bytes, (byte) => byte / 255) },
      ...{ y: undefined, classes: undefined, task: undefined },
    })
    for (const [i, { probabilities }] of shaped.entries())
      assert.ok(Math.abs((probabilities.dark as number) - (wanted[2 * i] as number)) < 1e-6)
  })

  test('a network still leaves safetensors', async () => {
    const { stdout } = await call(['train', join(import.meta.dirname, 'fixtures/people.ts'), '--store', folder.store, '--json', '--quiet'])
    const { run: other } = JSON.parse(stdout)
    assert.ok(Object.keys(safetensors.decode(await artifact(folder.store, 'model.safetensors', other)).tensors).length > 0)
  })
})

suite('studies of an estimator', () => {
  test('tune finds a config and keeps the best model', async () => {
    const { best, record, study } = await tune(file, { store: folder.store, engine: 'inline', workers: 1, trials: 4, sampler: 'random' })
    assert.equal(record.trials.length, 4)
    assert.equal(best?.metrics.accuracy, Math.max(...record.trials.map(({ metrics }) => metrics.accuracy ?? 0)))
    assert.ok((await predicted(study, await folder.file('tuned.csv', csv))).length === 4)
  })

  test('ablate takes features away, and says that there are no layers', async () => {
    const said: string[] = []
    const { table } = await ablate(file, {
      ...{ store: folder.store, engine: 'inline', workers: 1, seeds: 2 },
      watcher: { say: (text) => said.push(text) },
    })
    assert.deepEqual(table.rows.flatMap(({ without }) => without).sort(), ['feature:job', 'feature:noise', 'feature:size'])
    assert.match(said.join('\n'), /estimator.*no layers/)
    await assert.rejects(ablate(file, { store: folder.store, engine: 'inline', workers: 1, components: ['layer:hidden'] }), {
      code: 'ABLATION_UNKNOWN',
    })
  })
})
