/** What `npm pack` makes is all that a project needs: installed from the registry, run, and seen by TypeScript. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'

const root = resolve(import.meta.dirname, '../..')
const place = mkdtempSync(join(tmpdir(), 'tutti-package-'))
const project = join(place, 'project')

const training = `import { data, nn, space, training } from 'tutti'

const x = Float32Array.from({ length: 200 }, (_, i) => (i % 20) / 10 - 1)
const y = Int32Array.from({ length: 100 }, (_, i) => (x[2 * i] > 0 ? 1 : 0))

export default training({
  name: 'sides',
  config: { units: 8, learningRate: 0.05, batchSize: 10, epochs: 5 },
  space: { units: space.int(2, 16), learningRate: space.logUniform(0.001, 0.1) },
  objective: { metric: 'accuracy', direction: 'maximize' },
  data: () => {
    const all = data.table({ x: { dtype: 'float32', shape: [2], data: x }, y: { dtype: 'int32', shape: [], data: y, classes: ['left', 'right'] } })
    return { train: all, test: all }
  },
  model: ({ units }) => nn.sequential([nn.dense({ units, activation: 'tanh' }), nn.dense({ units: 2 })]),
})
`

const typed = `${training.replace('x[2 * i] >', 'x[2 * i]! >')}
// @ts-expect-error a layer's size is a number: the package's types are seen, and they are not any
export const wrong = () => nn.dense({ units: 'eight' })

training({
  name: 'inferred',
  config: { units: 8 },
  data: () => data.digits(),
  // @ts-expect-error the config's types reach the model
  model: ({ width }) => nn.dense({ units: width }),
})
`

before(() => {
  mkdirSync(project)
  const packed = run(root, 'npm', ['pack', '--silent', '--pack-destination', place])
  const tarball = packed.stdout.trim().split('\n').at(-1) as string
  assert.deepEqual(readdirSync(place).sort(), ['project', tarball])
  write('package.json', JSON.stringify({ name: 'project', private: true, type: 'module' }))
  // Where it finds a CUDA toolkit, onnxruntime-node downloads GPU files from outside the registry: not here.
  write('.npmrc', 'onnxruntime-node-install=skip\n')
  run(project, 'npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(place, tarball)])
  write('sides.js', training)
  write('sides.ts', typed)
})
after(() => rmSync(place, { recursive: true }))

test('what runs on the nodes of a Ray cluster beside Node is there', () => {
  const folder = join(project, 'node_modules/tutti/dist/cluster/engines/ray/python/tutti_ray')
  assert.ok(readdirSync(folder).includes('manager.py'), readdirSync(folder).join())
})

test('npx tutti info', () => {
  assert.match(run(project, 'npx', ['--no-install', 'tutti', 'info']).stdout, /onnxruntime/i)
})

for (const file of ['sides.js', 'sides.ts']) {
  test(`npx tutti train ${file}`, () => {
    const { stdout } = run(project, 'npx', ['--no-install', 'tutti', 'train', file, '--json'])
    const { status, metrics } = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string)
    assert.equal(status, 'finished')
    assert.ok(metrics.accuracy > 0.9, `accuracy ${metrics.accuracy}`)
  })
}

for (const engine of ['inline', 'threads', 'processes']) {
  test(`npx tutti tune sides.js on ${engine}, and a report of it`, () => {
    const study = `sides-${engine}`
    const { stdout } = run(project, 'npx', [
      '--no-install',
      'tutti',
      'tune',
      'sides.js',
      '--engine',
      engine,
      '--trials',
      '6',
      '--study',
      study,
      '--json',
    ])
    const { status, trials, best } = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string)
    assert.equal(status, 'finished')
    assert.equal(trials.finished + trials.pruned, 6)
    assert.ok(best.metrics.accuracy > 0.6, `accuracy ${best.metrics.accuracy}`)
    run(project, 'npx', ['--no-install', 'tutti', 'report', study, '--html', `${study}.html`])
    assert.match(readFileSync(join(project, `${study}.html`), 'utf8'), /<script type="application\/json"/)
  })
}

test('npx tutti ablate sides.js', () => {
  const { stdout } = run(project, 'npx', ['--no-install', 'tutti', 'ablate', 'sides.js', '--seeds', '2'])
  assert.match(stdout, /without/)
})

test('a program imports the package without its command line', () => {
  write(
    'program.js',
    `import { graph, ops, tensor, version } from 'tutti'
import { opConformance } from 'tutti/testing'
const doubled = graph.trace('double', { x: { dtype: 'float32', shape: [2] } }, ({ x }) => ({ y: ops.mul(x, 2) }))
const executable = await graph.runtimes.onnxruntime().compile(doubled)
const { y } = await executable.run({ x: tensor('float32', [2], [1, 2]) })
process.stdout.write(JSON.stringify({ y: [...y.data], version, kind: typeof opConformance }))
`,
  )
  const { y, version, kind } = JSON.parse(run(project, 'node', ['program.js']).stdout)
  assert.deepEqual([y, kind], [[2, 4], 'function'])
  assert.match(version, /^\d+\.\d+\.\d+/)
})

test('TypeScript sees the types, with a project of default settings', () => {
  const compilerOptions = { target: 'es2024', module: 'nodenext', strict: true, noEmit: true, types: [] }
  write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['sides.ts'] }))
  run(project, join(root, 'node_modules/.bin/tsc'), ['-p', '.'])
})

function write(name: string, content: string): void {
  writeFileSync(join(project, name), content)
}

function run(cwd: string, command: string, args: readonly string[]): { stdout: string } {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  assert.equal(error, undefined)
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`)
  return { stdout }
}
