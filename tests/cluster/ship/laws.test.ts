/** Laws of shipments: the same files have the same name, and others another. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, statSync, symlinkSync, utimesSync } from 'node:fs'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { shipmentOf } from '../../../src/cluster/ship/index.ts'
import { fileOf, parcelOf } from '../../../src/cluster/ship/parcel.ts'
import fc from '../../laws.ts'
import { made, opened, placed } from './made.ts'

const cache = made({})
process.env.TUTTI_CACHE = cache.folder
after(() => cache[Symbol.dispose]())

const files = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.uint8Array({ maxLength: 200 })), {
  selector: ([name]) => name,
  minLength: 1,
})

test('a parcel is named by names and contents, in whatever order they come, and its zip is the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.nat(), async (list, turn) => {
      const cut = turn % list.length
      const turned = [...list.slice(cut), ...list.slice(0, cut)]
      const [one, other] = [list, turned].map((some) =>
        parcelOf(
          'files',
          some.map(([name, content]) => fileOf(name, content)),
        ),
      )
      assert.equal(one?.hash, other?.hash)
      assert.match(one?.hash ?? '', /^[\da-f]{40}$/)
      const zipped = (await one?.zip()) as Uint8Array
      assert.deepEqual(zipped, await other?.zip())
      const back = await opened(one as NonNullable<typeof one>, { all: true })
      assert.deepEqual(
        Object.fromEntries(list.map(([name, content]) => [name, Buffer.from(content)])),
        Object.fromEntries(Object.entries(back).map(([name, content]) => [name, Buffer.from(content)])),
      )
    }),
    { numRuns: 40 },
  )
})

test('one byte more, less or other, and one other name, make another parcel', () => {
  const name = (content: string, at = 'a') => parcelOf('files', [fileOf(at, Buffer.from(content)), fileOf('b', Buffer.from('b'))]).hash
  assert.equal(new Set([name('one'), name('onf'), name('one '), name('on'), name('one', 'c'), name('')]).size, 6)
})

test('the same project elsewhere, written at another time, is the same shipment', async () => {
  const content = { 'a/train.ts': `import './b.ts'`, 'a/b.ts': 'export {}', 'package.json': { type: 'module' } }
  using here = made(content)
  using there = made(Object.fromEntries(Object.entries(content).reverse()))
  utimesSync(there.path('a/b.ts'), 1, 1)
  chmodSync(there.path('a/b.ts'), 0o600)
  const one = await shipmentOf({ files: [here.path('a/train.ts')] })
  const other = await shipmentOf({ files: [there.path('a/train.ts')] })
  assert.deepEqual([one.code.hash, one.modules.hash], [other.code.hash, other.modules.hash])

  const { mtime } = statSync(here.path('a/b.ts'))
  here.write('a/b.ts', 'export{ }')
  utimesSync(here.path('a/b.ts'), mtime, mtime)
  const changed = await shipmentOf({ files: [here.path('a/train.ts')] })
  assert.notEqual(changed.code.hash, one.code.hash)
  assert.equal(changed.modules.hash, one.modules.hash)
})

test('with other packages it is other code, whose link to them is another', async () => {
  using place = made({
    'train.ts': `import 'alpha'`,
    'node_modules/alpha/package.json': { name: 'alpha', version: '1.0.0', main: 'alpha.js' },
    'node_modules/alpha/alpha.js': '1',
  })
  const ship = () => shipmentOf({ files: [place.path('train.ts')] })
  const one = await ship()
  assert.equal((await ship()).code.hash, one.code.hash)
  place.write('node_modules/alpha/alpha.js', '2')
  const other = await ship()
  assert.notEqual(other.modules.hash, one.modules.hash)
  assert.notEqual(other.code.hash, one.code.hash)
})

test('several files, in whatever order, and one that is named by a link', async () => {
  using project = made({ 'a/one.mjs': 'export {}', 'b/two.mjs': 'export {}' })
  symlinkSync(project.path('b/two.mjs'), project.path('three.mjs'))
  const [one, two, three] = ['a/one.mjs', 'b/two.mjs', 'three.mjs'].map(project.path) as [string, string, string]
  const forth = await shipmentOf({ files: [one, two, three] })
  const back = await shipmentOf({ files: [three, two, one] })
  assert.equal(forth.code.hash, back.code.hash)
  assert.equal(placed(one, forth), 'project/a/one.mjs')
  assert.equal(placed(two, forth), 'project/b/two.mjs')
  assert.equal(placed(three, forth), 'project/b/two.mjs')
  const lengths = forth.places.map(([from]) => from.length)
  assert.deepEqual(
    lengths,
    [...lengths].sort((a, b) => b - a),
  )
})

test('of many files few are open at a time', { skip: process.platform === 'win32' && 'there is no ulimit' }, async () => {
  using place = made({ 'one.txt': 'one' })
  const script = `
    const { shipmentOf } = await import(${JSON.stringify(new URL('../../../src/cluster/ship/index.ts', import.meta.url).href)})
    const { fileOf, parcelOf } = await import(${JSON.stringify(new URL('../../../src/cluster/ship/parcel.ts', import.meta.url).href)})
    const one = fileOf('x', Buffer.from('one'))
    await parcelOf('many', Array.from({ length: 1000 }, (_, i) => ({ ...one, name: String(i), from: ${JSON.stringify(place.path('one.txt'))} }))).zip()
    console.log((await shipmentOf({ files: [] })).modules.files > 200)`
  const limited = `ulimit -n 160 && exec "$0" --input-type=module -e "$1"`
  const env = { ...process.env, TUTTI_CACHE: place.path('cache') }
  const { stdout } = await promisify(execFile)('sh', ['-c', limited, process.execPath, script], { env })
  assert.equal(stdout, 'true\n')
})
