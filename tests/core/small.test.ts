import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { bytesOf, formatBytes, formatDuration, sha256, writeAtomic } from '../../src/core/bytes.ts'
import { makeFolder } from '../../src/core/folders.ts'
import { build, checkOptions } from '../../src/core/registry.ts'
import { nearest, suggest } from '../../src/core/suggest.ts'

suite('folders', () => {
  test('a folder is made with those it lies in; it may be there; what is in the way is told', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tutti-folders-'))
    try {
      await Promise.all([makeFolder(join(folder, 'a/b/c')), makeFolder(join(folder, 'a/b/c')), makeFolder(join(folder, 'a/b/d'))])
      assert.deepEqual(readdirSync(join(folder, 'a/b')).toSorted(), ['c', 'd'])
      writeFileSync(join(folder, 'file'), '')
      await assert.rejects(makeFolder(join(folder, 'file')), { code: 'EEXIST' })
      await assert.rejects(makeFolder(join(folder, 'file/x/y')), { code: 'ENOTDIR' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test(
    'where nothing can be made that is told, and not tried for ever',
    { skip: process.platform !== 'linux' && 'there is no /proc' },
    () => assert.rejects(makeFolder('/proc/tutti/x'), { code: 'ENOENT' }),
  )
})

suite('bytes', () => {
  test('bytesOf is the same memory, of the view only', () => {
    const numbers = new Float32Array([1, 2, 3]).subarray(1, 2)
    const bytes = bytesOf(numbers)
    assert.equal(bytes.length, 4)
    bytes.fill(0)
    assert.equal(numbers[0], 0)
  })

  test('sha256 is SHA-256', () => {
    // FIPS 180-2, appendix B.1
    assert.equal(sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    assert.equal(sha256(new TextEncoder().encode('abc')), sha256('abc'))
  })

  test('writeAtomic replaces a file whole, makes its folder, and leaves nothing beside it, also when it fails', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tutti-bytes-'))
    try {
      const path = join(folder, 'deep', 'file')
      await writeAtomic(path, 'first, and longer')
      await writeAtomic(path, Uint8Array.of(104, 105))
      assert.equal(readFileSync(path, 'utf8'), 'hi')
      assert.deepEqual(readdirSync(join(folder, 'deep')), ['file'])
      await assert.rejects(writeAtomic(join(folder, 'deep'), 'a folder is in the way'))
      writeFileSync(join(folder, 'plain'), '')
      await assert.rejects(writeAtomic(join(folder, 'plain', 'file'), 'a file is in the way'))
      assert.deepEqual(readdirSync(folder).toSorted(), ['deep', 'plain'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('sizes and durations in words', () => {
    assert.deepEqual([0, 1023, 1024, 9_912_422, 2 ** 50].map(formatBytes), ['0 B', '1023 B', '1.0 KiB', '9.5 MiB', '1024.0 TiB'])
    const durations = [850, 3200, 125_000, 4_320_000, Number.POSITIVE_INFINITY].map(formatDuration)
    assert.deepEqual(durations, ['850 ms', '3.2 s', '2 min 05 s', '1 h 12 min', '?'])
  })
})

suite('suggest', () => {
  const known = ['hidden', 'learningRate', 'batchSize', 'epochs']
  test('finds swapped, missing and doubled letters, and beginnings', () => {
    assert.deepEqual(nearest('hiddne', known), ['hidden'])
    assert.deepEqual(nearest('learningrate', known), ['learningRate'])
    assert.deepEqual(nearest('epoch', known), ['epochs'])
    assert.deepEqual(nearest('batch', known), ['batchSize'])
    assert.deepEqual(nearest('zzz', known), [])
  })
  test('says what there is when nothing is near', () => {
    assert.equal(suggest('hiden', known), "Did you mean 'hidden'?")
    assert.equal(suggest('zzz', known), 'Known: hidden, learningRate, batchSize, epochs.')
    assert.equal(suggest('zzz', []), 'There are none.')
  })
})

suite('registry', () => {
  const registry = { fast: (options?: { speed?: number }) => ['fast', options], slow: () => ['slow'] }
  test('builds an entry from its JSON form', () => {
    assert.deepEqual(build('engine', registry, { kind: 'fast', speed: 3 } as { kind: string }), ['fast', { speed: 3 }])
  })
  test('an unknown kind is refused with the nearest, and so is what every object has', () => {
    assert.throws(() => build('engine', registry, { kind: 'fsat' }), { code: 'UNKNOWN_KIND', message: /no engine named 'fsat'.*'fast'/ })
    for (const kind of ['__proto__', 'toString', 'constructor'])
      assert.throws(() => build('engine', registry, { kind }), { code: 'UNKNOWN_KIND' })
  })
  test('an unknown option is refused with the nearest', () => {
    checkOptions('engine', { speed: 1 }, ['speed'])
    checkOptions('engine', undefined, ['speed'])
    assert.throws(() => checkOptions('engine', { sped: 1 }, ['speed']), {
      code: 'UNKNOWN_OPTION',
      message: /engine has no option 'sped'.*'speed'/,
    })
  })
})
