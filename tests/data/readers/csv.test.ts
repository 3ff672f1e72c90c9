import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { random } from '../../../src/core/random.ts'
import { csv, scanCsv, tsv } from '../../../src/data/index.ts'
import fc from '../../laws.ts'
import { folder, says, valuesOf } from '../helpers.ts'

test('types, header, delimiter and missing values are inferred', async () => {
  await using dir = await folder()
  const cases: Record<string, string> = {
    comma: 'age,city,score\n31,Oslo,1.5\n?,Bergen,-2e3\n52,"Oslo, east",\n',
    semicolon: 'age;city;score\r\n31;Oslo;1.5\r\n NA ; Bergen ;-2e3\r\n52;"Oslo, east";nan\r\n',
    tab: 'age\tcity\tscore\n31\tOslo\t1.5\n\tBergen\t-2e3\n52\tOslo, east\tnull\n\n',
    bar: '\uFEFFage|city|score\n31|Oslo|1.5\nN/A|Bergen|-2e3\n52|Oslo, east|NULL',
  }
  for (const [name, content] of Object.entries(cases)) {
    const frame = await csv(await dir.file(name, content))
    assert.deepEqual(frame.types, { age: 'numeric', city: 'categorical', score: 'numeric' }, name)
    assert.deepEqual(
      [frame.row(0), frame.row(1), frame.row(2)],
      [
        { age: 31, city: 'Oslo', score: 1.5 },
        { age: undefined, city: 'Bergen', score: -2000 },
        { age: 52, city: 'Oslo, east', score: undefined },
      ],
    )
    assert.deepEqual(frame.missing(), { age: 1, city: 0, score: 1 })
  }
})

test('what was written is what is read, whatever the text holds', async () => {
  await using dir = await folder()
  const text = fc.string({ unit: fc.constantFrom('a', 'B', ' ', ',', '"', '\n', ';', '\t', 'é', '1', '.') }).map((s) => `x${s}x`)
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0) // -0 is written as 0
  let n = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(text, fc.option(number)), { minLength: 1, maxLength: 30 }), fc.boolean(), async (rows, packed) => {
      const quote = (s: string) => `"${s.replaceAll('"', '""')}"`
      const content = `name,value\n${rows.map(([s, v]) => `${quote(s)},${v ?? ''}`).join('\n')}\n`
      const path = await dir.file(`${n++}.csv`, packed ? gzipSync(content) : content)
      const frame = await csv(path, { delimiter: ',', header: true, types: { name: 'text', value: 'numeric' } })
      assert.deepEqual(
        frame.columns.name?.data,
        rows.map(([s]) => s),
      )
      assert.deepEqual(
        [...(frame.columns.value?.data ?? [])],
        rows.map(([, v]) => (v === null ? Number.NaN : v)),
      )
    }),
    { numRuns: 50 },
  )
})

test('a file without header gets numbered columns, or those given', async () => {
  await using dir = await folder()
  const path = await dir.file('a.data', '|a comment\n1, a, x\n2, b, x\n')
  assert.deepEqual(Object.keys((await csv(path, { comment: '|' })).columns), ['column1', 'column2', 'column3'])
  const named = await csv(path, { comment: '|', header: ['n', 'kind', 'flag'] })
  assert.deepEqual(named.row(1), { n: 2, kind: 'b', flag: 'x' })
  const words = await dir.file('words', 'ham\tsee you "later"\nspam\twin a prize\nham\tok\n')
  assert.deepEqual((await tsv(words)).row(0), { column1: 'ham', column2: 'see you "later"' })
  assert.equal((await csv(await dir.file('named', 'name,city\nada,Oslo\nbob,Oslo\n'))).length, 2)
})

test('a row with too few or too many columns names file and line', async () => {
  await using dir = await folder()
  const few = await dir.file('few.csv', 'a,b,c\n1,2,3\n\n4,5\n')
  await assert.rejects(csv(few), says('ROW_WIDTH', few, 'line 4', '2 columns', '3'))
  const many = await dir.file('many.csv', 'a,b\n1,"two\nlines"\n1,2,3\n')
  await assert.rejects(csv(many), says('ROW_WIDTH', many, 'line 4', '3 columns'))
  await assert.rejects(csv(few, { header: ['a', 'b'] }), says('ROW_WIDTH', 'line 1'))
})

test('text among numbers names file, line, column and value, early and late', async () => {
  await using dir = await folder()
  for (const bad of [7, 5000]) {
    const lines = Array.from({ length: 6000 }, (_, i) => `${i},${i === bad ? 'twelve' : i}`)
    const path = await dir.file(`${bad}.csv`, `id,age\n${lines.join('\n')}\n`)
    await assert.rejects(csv(path), says('NOT_A_NUMBER', path, `line ${bad + 2}`, "'age'", "'twelve'", 'categorical'))
    assert.equal((await csv(path, { types: { age: 'categorical' } })).types.age, 'categorical')
    assert.equal((await csv(path, { missing: ['twelve'] })).missing().age, 1)
  }
  for (const value of ['inf', '-Infinity']) {
    const path = await dir.file('inf.csv', `age\n1\n2\n${value}\n`)
    await assert.rejects(csv(path), says('VALUE_NOT_FINITE', 'line 4', "'age'", value))
  }
  await assert.rejects(csv(await dir.file('hex.csv', 'n\n1\n0x10\n'), { types: { n: 'numeric' } }), says('NOT_A_NUMBER', '0x10'))
})

test('files that are not there, empty, cut short or wrongly quoted are told apart', async () => {
  await using dir = await folder()
  await assert.rejects(csv(`${dir.path}/none.csv`), says('FILE_MISSING', 'none.csv'))
  await assert.rejects(csv(dir.path), says('FILE_MISSING', 'not a folder'))
  await assert.rejects(csv(await dir.file('empty.csv', '')), says('NO_ROWS', 'empty.csv'))
  await assert.rejects(csv(await dir.file('head.csv', 'a,b\n'), { header: true }), says('NO_ROWS', 'head.csv'))
  await assert.rejects(csv(await dir.file('quote.csv', 'a,b\n1,"2\n3,4\n')), says('FILE_FORMAT', 'quote.csv', 'quote'))
  const packed = gzipSync(`a,b\n${'1,2\n'.repeat(9000)}`)
  await assert.rejects(csv(await dir.file('cut.csv.gz', packed.subarray(0, packed.length - 20))), says('FILE_FORMAT', 'cut.csv.gz', 'gzip'))
  await assert.rejects(csv(await dir.file('twice.csv', 'a,a\n1,2\n'), { header: true }), says('FILE_FORMAT', "'a'"))
  await assert.rejects(csv(await dir.file('t.csv', 'a,b\n1,2\n'), { types: { c: 'numeric' } }), says('COLUMN_UNKNOWN', "'c'"))
})

test('a scan gives what the frame gives, in pieces', async () => {
  await using dir = await folder()
  const chance = random(4)
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i},${chance.normal()},${['red', 'green', ''][chance.int(3)]},${chance.int(3)}`)
  const path = await dir.file('big.csv', `id,size,color,kind\n${lines.join('\n')}\n`)
  const options = { target: 'kind', encode: { missing: 'indicate' } } as const
  const whole = (await csv(path)).dataset(options)
  const pieces = await scanCsv(path).dataset(options)
  assert.deepEqual(pieces.fields, whole.fields)
  assert.deepEqual([pieces.length, pieces.target, pieces.inputs], [whole.length, whole.target, whole.inputs])
  assert.deepEqual(JSON.parse(JSON.stringify(pieces.encoding)), JSON.parse(JSON.stringify(whole.encoding)))
  assert.deepEqual(await valuesOf(pieces, 'x', { batchSize: 999 }), await valuesOf(whole, 'x', { batchSize: 999 }))
  assert.deepEqual(await valuesOf(pieces, 'y', { batchSize: 999 }), await valuesOf(whole, 'y', { batchSize: 999 }))
  let most = 0
  for await (const part of scanCsv(path).frames({ rows: 3000 })) most = Math.max(most, part.length)
  assert.equal(most, 3000)
})

test('a file larger than the memory allowed streams', async () => {
  await using dir = await folder()
  const path = `${dir.path}/large.csv`
  const file = createWriteStream(path)
  file.write('id,note,y\n')
  // 20 MB of notes that all differ: as strings in memory they alone would fill most of the heap of 24 MB.
  for (let block = 0; block < 20; block++) {
    const lines = Array.from({ length: 10_000 }, (_, i) => `${block * 10_000 + i},${`${block}-${i}-`.padEnd(90, 'note ')},${i % 2}`)
    if (!file.write(`${lines.join('\n')}\n`)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
  const door = resolve(import.meta.dirname, '../../../src/data/index.ts')
  const program = (read: string) => `import { csv, scanCsv } from ${JSON.stringify(door)}; ${read}`
  const run = (read: string) =>
    spawnSync(process.execPath, ['--max-old-space-size=24', '--input-type=module', '-e', program(read)], { encoding: 'utf8' })
  const streamed = run(`
    const set = await scanCsv(${JSON.stringify(path)}).dataset({ target: 'y', features: ['id'] })
    let rows = 0
    for await (const batch of set.batches({ batchSize: 256 })) rows += batch.size
    process.stdout.write(String(rows))`)
  assert.equal(streamed.stdout, '200000', streamed.stderr.slice(-500))
  // The same heap does not hold the file: the test above can fail.
  assert.notEqual(run(`await csv(${JSON.stringify(path)})`).status, 0)
})
