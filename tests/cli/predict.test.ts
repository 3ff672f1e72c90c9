import assert from 'node:assert/strict'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import sharp from 'sharp'
import { random } from '../../src/core/random.ts'
import { npy, safetensors, tensor } from '../../src/tensor/index.ts'
import { call, type Folder, temporary, tiny } from '../run/place.ts'

const people = join(import.meta.dirname, '../run/fixtures/people.ts')
const pixels = join(import.meta.dirname, '../run/fixtures/pixels.ts')

let folder: Folder
const runs: Record<string, string> = {}
before(async () => {
  folder = await temporary()
  for (const [name, file] of Object.entries({ tiny, people, pixels })) {
    const { stdout, stderr } = await call(['train', file, '--store', folder.store, '--json', '--quiet'])
    assert.equal(stderr, '')
    runs[name] = JSON.parse(stdout).run
  }
})
after(() => folder[Symbol.asyncDispose]())

interface Row {
  example: number | string
  class: string
  probability: number
  probabilities: Record<string, number>
}

async function predict(model: string, file: string): Promise<Row[]> {
  const { code, stdout, stderr } = await call(['predict', runs[model] ?? model, '--input', file, '--store', folder.store, '--json'])
  assert.equal(code, 0, stderr)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

async function refused(model: string, file: string): Promise<string> {
  const { code, stderr } = await call(['predict', runs[model] ?? model, '--input', file, '--store', folder.store])
  assert.equal(code, 1)
  assert.doesNotMatch(stderr, /^\s+at /m)
  return stderr
}

suite('predict: numbers', () => {
  const chance = random('numbers')
  const rows = Array.from({ length: 300 }, () => Array.from({ length: 4 }, () => Math.fround(chance.normal())))

  test('CSV with and without a header, JSON, JSON lines and .npy agree; probabilities add up to 1', async () => {
    const csv = rows.map((row) => row.join(',')).join('\n')
    const files = [
      await folder.file('bare.csv', csv),
      await folder.file('named.csv', `a,b,c,d\n${csv}\n`),
      await folder.file('rows.json', JSON.stringify(rows)),
      await folder.file('rows.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')),
      await folder.file('objects.jsonl', rows.map((x) => JSON.stringify({ x })).join('\n')),
      await folder.file('rows.npy', npy.encode(tensor('float32', [300, 4], Float32Array.from(rows.flat())))),
    ]
    const answers = await Promise.all(files.map((file) => predict('tiny', file)))
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.deepEqual(
      answers[0]?.map(({ example }) => example),
      rows.map((_, i) => i + 1),
    )
    for (const { probabilities, probability, class: name } of answers[0] as Row[]) {
      assert.deepEqual(Object.keys(probabilities).sort(), ['high', 'low', 'mid'])
      assert.ok(Math.abs(Object.values(probabilities).reduce((a, b) => a + b) - 1) < 1e-6)
      assert.equal(probability, Math.max(...Object.values(probabilities)))
      assert.equal(probabilities[name], probability)
    }
  })

  test('one example alone may be given without a list', async () => {
    const list = await folder.file('list.json', JSON.stringify([rows[0]]))
    const one = await folder.file('one.json', JSON.stringify(rows[0]))
    assert.deepEqual(await predict('tiny', one), await predict('tiny', list))
  })

  test('people are shown a table', async () => {
    const file = await folder.file('two.csv', '2,2,0,0\n-2,-2,-2,0\n')
    const { stdout } = await call(['predict', runs.tiny as string, '--input', file, '--store', folder.store])
    assert.match(stdout, /^example +class +probability +next\n1 +high +[01]\.\d{4} +(mid|low) 0\.\d{4} {2}(mid|low) 0\.\d{4}\n2 +low +/)
  })

  test('what does not fit is said with what the model takes', async () => {
    const cases: [string, string | Uint8Array, RegExp][] = [
      ['narrow.csv', '1,2,3\n4,5,6\n', /it has 3 columns, and an example has 4 numbers.*x: float32\[batch, 4\]/],
      ['words.csv', 'a,b,c,d\n1,2,3,x\n1,2,3,y\n', /column 'd' does not hold numbers/],
      ['gap.csv', 'a,b,c,d\n1,2,,4\n1,2,3,4\n', /column 'c' has no value in row 1/],
      ['short.jsonl', '[1,2,3,4]\n[1,2]\n', /example 2 holds 2 numbers and not 4/],
      ['text.jsonl', '[1,2,3,"4"]\n', /example 1 holds "4" where a number should be/],
      ['other.jsonl', '{"y":[1,2,3,4]}\n', /example 1 has no 'x'/],
      ['broken.jsonl', '[1,2,3,4]\n[1,\n', /line 2/],
      ['wide.npy', npy.encode(tensor('float32', [2, 5])), /its shape is \[2, 5\]/],
      ['empty.jsonl', '', /holds no example/],
      ['what.docx', 'x', /inputs are read from \.csv, .* files, and this is none of them/],
    ]
    for (const [name, content, sentence] of cases) assert.match(await refused('tiny', await folder.file(name, content)), sentence)
    for (const ending of ['csv', 'json', 'npy', 'png', 'txt', 'parquet'])
      assert.match(await refused('tiny', join(folder.path, `nowhere.${ending}`)), /is not there/)
  })
})

suite('predict: the encoding that was learned', () => {
  test('columns by name, in any order, gaps filled as in training; more columns do not matter', async () => {
    const csv = await folder.file('people.csv', 'job,age,shoe\nsmith,30,40\ncook,?,41\n?,61,42\nastronaut,22,43\n')
    const json = await folder.file(
      'people.jsonl',
      ['{"age":30,"job":"smith"}', '{"job":"cook"}', '{"age":61,"job":null}', '{"age":22,"job":"astronaut"}'].join('\n'),
    )
    const answers = await predict('people', csv)
    assert.deepEqual(await predict('people', json), answers)
    assert.deepEqual(Object.keys(answers[0]?.probabilities ?? {}), ['no', 'yes'])
  })

  test('a column that is missing is named', async () => {
    assert.match(await refused('people', await folder.file('no-age.csv', 'job,shoe\nsmith,1\ncook,2\n')), /no column 'age'/)
    assert.match(await refused('people', await folder.file('lists.json', '[[1,2],[3,4]]')), /is no object of columns/)
    assert.match(
      await refused('people', await folder.file('old.jsonl', '{"age":"old","job":"cook"}')),
      /'age' of example 1 is "old" and not a number/,
    )
  })
})

suite('predict: pictures', () => {
  test('PNG, bytes as stored and floats as fed agree, and a folder gives the names of its files', async () => {
    const chance = random('pictures')
    const shown = Array.from({ length: 3 }, () => Uint8Array.from({ length: 16 }, () => chance.int(256)))
    const all = Uint8Array.from(shown.flatMap((picture) => [...picture]))
    await mkdir(join(folder.path, 'album'))
    for (const [i, picture] of shown.entries())
      await sharp(picture, { raw: { width: 4, height: 4, channels: 1 } })
        .png()
        .toFile(join(folder.path, 'album', `${i}.png`))
    const album = await predict('pixels', join(folder.path, 'album'))
    const bytes = await predict('pixels', await folder.file('bytes.npy', npy.encode(tensor('uint8', [3, 4, 4], all))))
    const floats = await predict(
      'pixels',
      await folder.file(
        'floats.npy',
        npy.encode(
          tensor(
            'float32',
            [3, 1, 4, 4],
            Float32Array.from(all, (v) => v * (1 / 255)),
          ),
        ),
      ),
    )
    const csv = await predict('pixels', await folder.file('pixels.csv', shown.map((picture) => picture.join(',')).join('\n')))
    const plain = (rows: Row[]) => rows.map(({ probabilities }) => probabilities)
    assert.deepEqual(plain(bytes), plain(album))
    assert.deepEqual(plain(csv), plain(album))
    assert.deepEqual(plain(floats), plain(album))
    assert.deepEqual(
      album.map(({ example }) => example),
      [0, 1, 2].map((i) => join(folder.path, 'album', `${i}.png`)),
    )
    assert.match(await refused('tiny', join(folder.path, 'album')), /it is a picture/)
    assert.match(await refused('pixels', await folder.file('not.png', 'no picture')), /is not a readable image file/)
  })
})

suite('export', () => {
  test('writes ONNX, weights, signature and a card; the ONNX file alone predicts the same', async () => {
    const to = join(folder.path, 'out', 'model')
    const { code, stdout } = await call(['export', runs.people as string, '--to', to, '--store', folder.store])
    assert.equal(code, 0)
    assert.deepEqual((await readdir(to)).sort(), ['README.md', 'model.json', 'model.onnx', 'model.safetensors'])
    for (const name of await readdir(to)) assert.ok(stdout.includes(join(to, name)))
    const csv = await folder.file('again.csv', 'age,job\n30,smith\n50,cook\n')
    assert.deepEqual(await predict(join(to, 'model.onnx'), csv), await predict('people', csv))
    const { tensors } = safetensors.decode(await readFile(join(to, 'model.safetensors')))
    assert.ok(Object.keys(tensors).length === 4)
    const card = await readFile(join(to, 'README.md'), 'utf8')
    for (const word of ['# people', 'accuracy', '`x`', '`no`, `yes`', '`age`, `job`', runs.people as string, 'epochs | 3'])
      assert.ok(card.includes(word), word)
    assert.match(await readFile(join(to, 'model.json'), 'utf8'), /"kind": "oneHot"/)
  })

  test('does not write over files unless told to', async () => {
    const to = join(folder.path, 'taken')
    await mkdir(to)
    await folder.file('taken/README.md', 'mine')
    const args = ['export', runs.people as string, '--to', to, '--store', folder.store]
    const { code, stderr } = await call(args)
    assert.equal(code, 1)
    assert.match(stderr, /already has README\.md/)
    assert.deepEqual(await readdir(to), ['README.md'])
    assert.equal((await call([...args, '--force'])).code, 0)
    assert.equal((await readdir(to)).length, 4)
  })

  test('a run without a model, and what is neither run nor file', async () => {
    await call(['train', tiny, '--store', folder.store, '--set', 'explode=0', '--quiet'])
    assert.match(await refused('last', await folder.file('x.csv', '1,2,3,4\n')), /has no model: it is failed/)
    assert.match(await refused('nothing', await folder.file('x.csv', '1,2,3,4\n')), /neither a file nor a run/)
    assert.match(await refused(await folder.file('junk.onnx', 'junk'), await folder.file('x.csv', '1,2,3,4\n')), /junk\.onnx/)
  })
})
