/** `tutti.config.ts`: found, read, refused in a sentence, and weaker than the command line. */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { readConfig } from '../../src/cli/config.ts'
import { defineConfig } from '../../src/index.ts'
import { call, type Folder, lastLine, temporary, tiny } from '../run/place.ts'

test('a wrong key or type does not compile', () => {
  // @ts-expect-error there is no such key
  defineConfig({ egine: 'ray' })
  // @ts-expect-error nor such an engine
  defineConfig({ engine: 'rya' })
  // @ts-expect-error nor such a key of Ray
  defineConfig({ ray: { adress: 'http://head:8265' } })
  // @ts-expect-error and this is no number
  defineConfig({ workers: 'three' })
  const config = defineConfig({ engine: 'ray', workers: 'auto', ray: { memoryPerWorker: '2GiB', resources: { GPU: 1 } } })
  assert.equal(config.engine, 'ray')
})

suite('which file', () => {
  test('that of the folder of the training file, else the nearest above; none is none', async () => {
    await using folder = await temporary()
    await mkdir(join(folder.path, 'a/b/c'), { recursive: true })
    const file = join(folder.path, 'a/b/c/train.ts')
    assert.deepEqual(await readConfig(file), {})
    await folder.file('tutti.config.mjs', 'export default { threads: 3 }\n')
    assert.deepEqual(await readConfig(file), { threads: 3 })
    await folder.file('a/b/tutti.config.js', 'export default { threads: 2 }\n')
    assert.deepEqual(await readConfig(file), { threads: 2 })
    await folder.file('a/b/c/tutti.config.ts', `import { defineConfig } from 'tutti'\nexport default defineConfig({ threads: 1 })\n`)
    assert.deepEqual(await readConfig(file), { threads: 1 })
    assert.deepEqual(await readConfig(join(folder.path, 'a/train.ts')), { threads: 3 })
  })

  test('paths in it are relative to its folder, sizes are bytes, and what is undefined is not there', async () => {
    await using folder = await temporary()
    const config = `{ store: 'runs', dataDir: '/data', workers: undefined, ray: { tokenFile: 'token', memoryPerWorker: '1.5GiB', tls: undefined } }`
    await folder.file('tutti.config.ts', `export default ${config}\n`)
    assert.deepEqual(await readConfig(join(folder.path, 'train.ts')), {
      store: join(folder.path, 'runs'),
      dataDir: '/data',
      ray: { tokenFile: join(folder.path, 'token'), memoryPerWorker: 1.5 * 2 ** 30 },
    })
  })
})

suite('what is wrong is said with file and key', () => {
  const cases: [text: string, sentence: RegExp][] = [
    ['export default { egine: "ray" }', /tutti\.config\.ts has the key 'egine', which is not known\. Did you mean 'engine'\?/],
    ['export default { ray: { adress: "x" } }', /has the key 'ray\.adress', which is not known\. Did you mean 'address'\?/],
    ['export default { engine: "rya" }', /tutti\.config\.ts: 'engine' is 'rya' and must be one of .*ray/],
    ['export default { engine: { kind: "ray" } }', /'engine' is \{"kind":"ray"\} and must be one of/],
    ['export default { workers: 0 }', /'workers' is 0 and must be a whole number of at least 1, or 'auto'/],
    ['export default { workers: "all" }', /'workers' is 'all' and must be/],
    ['export default { threads: 5000 }', /'threads' is 5000 and must be a whole number from 1 to 1024/],
    ['export default { threads: 1.5 }', /'threads' is 1\.5 and must be a whole number/],
    ['export default { store: 3 }', /'store' is 3 and must be a text/],
    ['export default { ray: "http://head:8265" }', /'ray' is 'http:\/\/head:8265' and must be an object of options/],
    ['export default { ray: { address: null } }', /'ray\.address' is null and must be a text/],
    ['export default { ray: { memoryPerWorker: "much" } }', /'ray\.memoryPerWorker' is 'much' and must be .* such as '2GiB'/],
    ['export default { ray: { resources: { GPU: "1" } } }', /'ray\.resources\.GPU' is '1' and must be names with amounts/],
    ['export default { ray: { resources: ["GPU"] } }', /'ray\.resources.* must be names with amounts/],
    ['export default { ray: { tls: "yes" } }', /'ray\.tls' is 'yes' and must be true or false/],
    ['export default 3', /tutti\.config\.ts has a default export that is no object/],
    ['export const engine = "ray"', /tutti\.config\.ts has no default export\. A configuration ends/],
    ['const a = 1\nthrow new Error("not today")', /cannot be loaded\. \S*tutti\.config\.ts:2 threw while it was loaded: not today/],
    ['export default {', /cannot be loaded\. \S*tutti\.config\.ts:\d+ cannot be read as TypeScript/],
    ['import "./other.ts"', /cannot be loaded\. \S*tutti\.config\.ts imports what cannot be found: .*other\.ts/],
  ]
  for (const [text, sentence] of cases) {
    test(text.split('\n').at(-1), async () => {
      await using folder = await temporary()
      const file = await trainingWith(folder, text)
      const { code, stderr, stdout } = await call(['tune', file, '--trials', '1', '--store', folder.store])
      assert.match(stderr, sentence)
      assert.equal(code, 2)
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
      assert.equal(stdout, '')
    })
  }
})

suite('used by the commands', () => {
  test('engine, store and workers of a study; the command line counts more', async () => {
    await using folder = await temporary()
    await folder.file('tutti.config.ts', `export default { engine: 'inline', store: 'kept' }\n`)
    const file = await folder.file('train.ts', `export { default } from '${join(tiny, '../nearest.ts')}'\n`)
    const first = await call(['tune', file, '--trials', '1', '--sampler', 'random', '--quiet', '--json'])
    assert.equal(first.code, 0, first.stderr)
    const { study } = JSON.parse(lastLine(first.stdout))
    const shown = await call(['studies', 'show', study, '--store', join(folder.path, 'kept'), '--json'])
    assert.match(shown.stdout, /"engine":"inline"/)
    const second = await call(['tune', file, '--engine', 'rya'])
    assert.match(second.stderr, /no engine named 'rya'/)
  })

  test('the store of a run', async () => {
    await using folder = await temporary()
    const file = await trainingWith(folder, `export default { store: 'kept' }`)
    assert.equal((await call(['train', file, '--quiet', '--set', 'epochs=1'])).code, 0)
    const { stdout } = await call(['runs', 'list', '--store', join(folder.path, 'kept')])
    assert.match(stdout, /finished/)
  })

  test('workers of the configuration do not stand in the way of --scaling', async () => {
    await using folder = await temporary()
    const file = await trainingWith(folder, `export default { engine: 'inline', workers: 1 }`)
    const { stderr } = await call(['tune', file, '--scaling', '0'])
    assert.match(stderr, /--scaling cannot be '0'/)
  })
})

/** A training file, and the configuration beside it. */
async function trainingWith(folder: Folder, config: string): Promise<string> {
  await folder.file('tutti.config.ts', `${config}\n`)
  return await folder.file('train.ts', `export { default } from '${tiny}'\n`)
}
