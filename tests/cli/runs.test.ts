import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { openStore } from '../../src/store/index.ts'
import { call, type Folder, temporary, tiny } from '../run/place.ts'

let folder: Folder
let first = ''
let second = ''
let failed = ''
before(async () => {
  folder = await temporary()
  const run = async (...settings: string[]) => {
    const { stdout } = await call([
      'train',
      tiny,
      '--store',
      folder.store,
      '--json',
      '--quiet',
      ...settings.flatMap((text) => ['--set', text]),
    ])
    return JSON.parse(stdout).run
  }
  first = await run('epochs=3', 'restless=true')
  second = await run('epochs=3', 'units=32')
  failed = await run('explode=1')
})
after(() => folder[Symbol.asyncDispose]())

const runs = (...args: string[]) => call(['runs', ...args, '--store', folder.store])

suite('tutti runs', () => {
  test('list: newest first, one line each, within the terminal', async () => {
    for (const columns of [80, 120]) {
      const { stdout, code } = await call(['runs', 'list', '--store', folder.store], { columns })
      assert.equal(code, 0)
      const [title, ...lines] = stdout.trimEnd().split('\n')
      assert.match(title ?? '', /^run +status +began +took +metrics$/)
      assert.deepEqual(
        lines.map((line) => line.split(' ')[0]),
        [failed, second, first],
      )
      assert.match(lines[0] ?? '', /failed/)
      for (const line of lines) assert.ok([...line].length <= columns, line)
    }
    assert.equal((await runs()).stdout, (await runs('list')).stdout, 'list is what runs does by itself')
  })

  test('list: filters and JSON', async () => {
    const ids = async (...args: string[]) => JSON.parse((await runs('list', '--json', ...args)).stdout).map(({ id }: { id: string }) => id)
    assert.deepEqual(await ids('--status', 'finished'), [second, first])
    assert.deepEqual(await ids('--limit', '1'), [failed])
    assert.deepEqual(await ids('--name', 'other'), [])
    assert.match((await runs('list', '--status', 'done')).stderr, /--status cannot be 'done': it must be running, finished/)
  })

  test('show: config, curves, artifacts and the log', async () => {
    const { stdout } = await runs('show', first)
    assert.match(stdout, new RegExp(`^${first} {2}finished\n`))
    for (const pattern of [
      /^seed +0$/m,
      /^config +units=8 .*epochs=3/m,
      /^accuracy +0\.\d{4}/m,
      /[▁▂▃▄▅▆▇█]{3}/,
      /^model\.onnx +model +[\d.]+ KiB$/m,
      /^epoch 2 is over$/m,
    ])
      assert.match(stdout, pattern)
    for (const line of stdout.split('\n')) assert.doesNotMatch(line, /\s$/)
    assert.match((await runs('show', failed)).stdout, /^error +.*something of mine broke/m)
    assert.equal(JSON.parse((await runs('show', first, '--json')).stdout)[0].id, first)
  })

  test('compare: what differs in the config, and all metrics, in aligned columns', async () => {
    const { stdout } = await runs('compare', first, second)
    const lines = stdout.trimEnd().split('\n')
    const [title, ...rows] = lines
    assert.match(title ?? '', new RegExp(`^ +${first} +${second}$`))
    const names = rows.map((line) => line.split(' ')[0])
    assert.deepEqual(names, ['status', 'units', 'restless', 'accuracy'])
    assert.match(rows[1] ?? '', / 8 +32$/)
    for (const row of rows) assert.equal(row.length, title?.length)
  })

  test('export: CSV of metrics and JSON of everything, of some runs or all, to stdout or a file', async () => {
    const csv = (await runs('export', first)).stdout.trimEnd().split('\n')
    assert.equal(csv[0], 'run,name,key,step,value,time')
    assert.ok(csv.slice(1).every((line) => line.startsWith(`${first},tiny,`)))
    const all = JSON.parse((await runs('export', '--format', 'json')).stdout)
    assert.deepEqual(
      all.map(({ id }: { id: string }) => id),
      [failed, second, first],
    )
    const to = join(folder.path, 'all.csv')
    assert.equal((await runs('export', first, '--to', to)).stdout, '')
    assert.equal(await readFile(to, 'utf8'), `${csv.join('\n')}\n`)
    assert.equal((await runs('export', '--format', 'xml')).code, 2)
  })

  test('delete: all or none of those named', async () => {
    const { code, stderr } = await runs('delete', failed, 'nobody')
    assert.equal(code, 1)
    assert.match(stderr, /no run 'nobody'/)
    assert.equal((await runs('delete', failed)).stdout, `deleted ${failed}\n`)
    await using store = await openStore({ path: folder.store, readOnly: true })
    assert.deepEqual(
      (await store.runs()).map(({ id }) => id),
      [second, first],
    )
  })
})

suite('tutti info, help and version', () => {
  test('info tells versions, runtimes, threads and folders', async () => {
    const { stdout } = await call(['info', '--store', folder.store, '--json', '--data-dir', '/somewhere'])
    const found = JSON.parse(stdout)
    assert.match(found.tutti, /^\d+\.\d+\.\d+/)
    assert.match(found.runtimes.onnxruntime, /^onnxruntime-node \d+\./)
    assert.deepEqual(found.data.folder, '/somewhere')
    assert.equal(found.store.runs, 2)
    assert.match((await call(['info', '--store', join(folder.path, 'none')])).stdout, /not there yet/)
  })

  test('every command is listed and explains all of its options', async () => {
    const overview = (await call([])).stdout
    assert.equal((await call(['--help'])).stdout, overview)
    for (const name of ['train', 'predict', 'export', 'runs', 'info']) {
      assert.match(overview, new RegExp(`^ {2}${name} +\\w`, 'm'))
      const help = (await call(['help', name])).stdout
      assert.equal((await call([name, '--help'])).stdout, help)
      assert.match(help, new RegExp(`^Usage: tutti ${name}`))
      for (const line of help.split('\n')) assert.ok(line.length <= 100, line)
    }
    assert.match((await call(['help', 'nothing'])).stderr, /no command 'tutti nothing'/)
    assert.match((await call(['--version'])).stdout, /^tutti \d/)
  })
})
