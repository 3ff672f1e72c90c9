/**
 * The house rules, as data at the top and a test below: this file is also the map. A room is a folder under `src/` with
 * one door, its `index.ts`; it may import rooms of a lower row through their doors (`core/` is open), or its own files.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

const rows: readonly (readonly string[])[] = [
  ['core'],
  ['tensor', 'space', 'net', 'store'],
  ['graph', 'codec', 'aggregation', 'data', 'cluster'],
  ['nn', 'optim', 'estimator', 'collective', 'privacy'],
  ['train', 'trees', 'linear', 'pipeline'],
  ['hpo', 'parallel', 'federated', 'peer', 'monitor'],
  ['ablation'],
  ['run', 'serve'],
  ['cli', 'dashboard'],
]
/** Files directly under src/ are the package's own doors: they may import every room's door, testing.ts every conformance suite. */
const packageDoors = ['index.ts', 'testing.ts']
const suite = /^\w+\/testing\/\w+\.ts$/
const longest = 400
const onlyInCore = /\b(Date\.now|performance\.now|Math\.random|console\.(?!ts)|new Date\(\))/

const root = resolve(import.meta.dirname, '../src')
const files = (readdirSync(root, { recursive: true }) as string[]).filter((file) => /\.(ts|js)$/.test(file))
const textOf = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
const rowOf = new Map(rows.flatMap((rooms, row) => rooms.map((room) => [room, row] as const)))
const roomOf = (file: string) => (file.includes('/') ? (file.split('/')[0] as string) : undefined)
const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')

function importsOf(file: string): string[] {
  const found = code(textOf.get(file) ?? '').matchAll(/(?:from|import|import\()\s*\(?['"](\.[^'"]+)['"]/g)
  return [...found].map(([, path]) => relative(root, resolve(root, dirname(file), path as string)))
}

test('every room stands in a row', () => {
  for (const file of files) {
    const room = roomOf(file)
    if (room === undefined) assert.ok(packageDoors.includes(file), `src/${file} is in no room`)
    else assert.ok(rowOf.has(room), `src/${file}: the room '${room}' stands in no row`)
  }
})

test('rooms import lower rows only, through their doors', () => {
  for (const file of files) {
    const room = roomOf(file)
    for (const target of importsOf(file)) {
      assert.ok(textOf.has(target), `src/${file} imports src/${target}, which is not there`)
      const other = roomOf(target)
      if (other === room || other === 'core' || (file === 'testing.ts' && suite.test(target))) continue
      assert.ok(other !== undefined && target === `${other}/index.ts`, `src/${file} imports src/${target} past its door`)
      if (room === undefined) continue
      const [from, to] = [rowOf.get(room) as number, rowOf.get(other as string) as number]
      assert.ok(to < from, `src/${file} (row ${from}) imports src/${target} (row ${to})`)
    }
  }
})

test('no import cycles', () => {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    if (done.has(file)) return
    assert.ok(!path.includes(file), `import cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`)
    for (const target of importsOf(file)) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
})

test(`no file is longer than ${longest} lines`, () => {
  for (const [file, text] of textOf)
    assert.ok(file.includes('generated') || text.split('\n').length <= longest + 1, `src/${file} has ${text.split('\n').length} lines`)
})

test('clock, chance and console are named only in core', () => {
  for (const [file, text] of textOf) {
    if (roomOf(file) === 'core') continue
    const found = onlyInCore.exec(code(text))
    assert.equal(found, null, `src/${file} names ${found?.[0]}`)
  }
})
