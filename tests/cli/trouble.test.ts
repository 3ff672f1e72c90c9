/** Mistakes: a sentence that names the thing, an exit code, no stack, and nothing lost. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { suite, test } from 'node:test'
import { openStore } from '../../src/store/index.ts'
import { call, type Folder, lastLine, start, temporary, tiny } from '../run/place.ts'

const source = (await import('node:fs')).readFileSync(tiny, 'utf8')

/** Runs `tutti train` in vain. */
async function vain(folder: Folder, code: number, args: readonly string[]): Promise<string> {
  const called = await call(['train', ...args, '--store', folder.store, '--json'])
  assert.equal(called.code, code, called.stderr)
  assert.doesNotMatch(called.stderr, /^\s+at /m, 'no stack')
  const result = JSON.parse(lastLine(called.stdout))
  assert.equal(result.status, 'failed')
  assert.ok(called.stderr.includes(result.error.message))
  return called.stderr
}

suite('the command line', () => {
  const cases: [readonly string[], RegExp][] = [
    [['trian'], /no command 'tutti trian'. Did you mean 'train'\?/],
    [['train', tiny, '--sed', '1'], /no option '--sed'. Did you mean '--seed' or '--set'/],
    [['train', tiny, '--seed', 'x'], /--seed cannot be 'x': it must be a whole number/],
    [['train', tiny, '--seed', '1.5'], /--seed cannot be '1.5'/],
    [['train', tiny, '--threads', '0'], /--threads cannot be '0': it must be a whole number from 1 to 1024/],
    [['train', tiny, '--threads', '1000000'], /--threads cannot be '1000000': it must be a whole number from 1 to 1024/],
    [['train', tiny, '--set', 'epochs'], /--set cannot be 'epochs': it must be key=value/],
    [['train', tiny, '--store', '--json'], /--store needs a value|--store cannot be '--json'/],
    [['train', tiny, '--quiet=yes'], /--quiet cannot be 'yes'/],
    [['train'], /needs a training FILE/],
    [['train', tiny, 'other.ts'], /does not know what to do with 'other.ts'/],
    [['predict'], /needs MODEL/],
    [['predict', 'run'], /needs --input FILE/],
    [['export', 'run'], /needs --to DIR/],
    [['runs', 'shwo'], /Did you mean 'runs show'\?/],
    [['runs', 'show'], /'tutti runs show' needs a run/],
    [['runs', 'compare', 'a'], /needs 2 runs/],
    [['runs', 'list', 'a'], /does not know what to do with 'a'/],
    [['info', 'x'], /does not know what to do with 'x'/],
  ]
  for (const [args, sentence] of cases) {
    test(args.map((arg) => basename(arg)).join(' '), async () => {
      const { code, stderr } = await call(args)
      assert.match(stderr, sentence)
      assert.equal(code, 2)
      assert.equal(stderr.trimEnd().split('\n').length, 1)
    })
  }

  for (const [what, args, sentence] of [
    ['more workers than any machine has', ['--workers', '1000000000'], /option 'workers' is 1000000000 but must be at most 1000\./],
    ['several workers in one process', ['--engine', 'inline', '--workers', '3'], /option 'workers' is 3 but must be 1/],
    ['an option of a sampler out of its range', ['--sampler', '{"kind":"tpe","startup":-5}'], /tpe: option 'startup' is -5/],
  ] as const)
    test(`${what}: nothing is begun`, async () => {
      await using folder = await temporary()
      const { code, stderr } = await call(['tune', tiny, ...args, '--store', folder.store])
      assert.match(stderr, sentence)
      assert.equal(stderr.trimEnd().split('\n').length, 1)
      assert.equal(code, 2)
      await using store = await openStore({ path: folder.store })
      assert.deepEqual(await store.runs(), [])
    })

  test('a wrong option in the user’s own code is no mistake of the command line', async () => {
    await using folder = await temporary()
    const file = await folder.file('train.ts', source.replace('dropout({ rate: 0.1 })', 'dropout({ rate: 7 })'))
    const { code, stderr } = await call(['ablate', file, '--store', folder.store])
    assert.match(stderr, /rate/)
    assert.equal(code, 1)
  })

  test('--set of a key that is not there names the nearest; of the wrong type says which', async () => {
    await using folder = await temporary()
    assert.match(await vain(folder, 2, [tiny, '--set', 'epoch=3']), /no key 'epoch'. Did you mean 'epochs'\?/)
    assert.match(await vain(folder, 2, [tiny, '--set', 'epochs=many']), /'epochs' cannot be 'many': it must be a number/)
    assert.match(await vain(folder, 2, [tiny, '--set', 'restless=1']), /'restless' cannot be '1': it must be true or false/)
    await using store = await openStore({ path: folder.store })
    assert.deepEqual(await store.runs(), [], 'no run was begun')
  })
})

suite('the training file', () => {
  const cases: [what: string, text: string, sentence: RegExp][] = [
    [
      'does not parse',
      `import { training } from 'tutti'\n\nexport default training({ name: 'x', config: {`,
      /file\.ts:\d+ cannot be read as TypeScript/,
    ],
    ['does not parse as JavaScript', 'const a = 1\nconst a = 2\n', /file\.ts:2 cannot be read as TypeScript or JavaScript: Identifier 'a'/],
    ['uses what cannot be erased', 'enum A { B }\nexport default A\n', /file\.ts(:\d+)? cannot be read.*enum/],
    ['has no default export', 'export const train = 1\n', /file\.ts has no default export \(it exports train\)\. A training file ends/],
    ['exports something else', 'export default { name: 1 }\n', /has a default export that training\(\) did not make/],
    ['throws', `const a = 1\nthrow new Error('not today')\n`, /file\.ts:2 threw while it was loaded: not today/],
    ['throws what is no error', `throw 'text'\n`, /threw while it was loaded: text/],
    ['imports what is not there', `import './other.ts'\n`, /file\.ts imports what cannot be found: .*other\.ts/],
    ['imports a package that is not there', `import 'no-such-package'\n`, /file\.ts imports what cannot be found: .*no-such-package/],
    [
      'has a definition that is not valid',
      `import { training } from 'tutti'\nexport default training({ name: 'a b' })\n`,
      /file\.ts:2 .*name is 'a b'/,
    ],
    ['asks tutti for what it has not', `import { trainnig } from 'tutti'\nexport default trainnig\n`, /file\.ts:1 .*trainnig/],
  ]
  for (const [what, text, sentence] of cases) {
    test(what, async () => {
      await using folder = await temporary()
      const file = await folder.file('file.ts', text)
      assert.match(await vain(folder, 1, [file]), sentence)
    })
  }

  test('does not exist', async () => {
    await using folder = await temporary()
    await folder.file('train.ts', '')
    assert.match(
      await vain(folder, 1, [join(folder.path, 'trian.ts')]),
      /There is no training file '.*trian\.ts'. Did you mean '.*train\.ts'\?/,
    )
    assert.match(await vain(folder, 1, [folder.path]), /no training file/)
    assert.equal((await call(['tune', join(folder.path, 'trian.ts'), '--store', folder.store])).code, 1)
    assert.equal((await call(['train', '--store', folder.store])).code, 2)
    assert.equal(existsSync(folder.store), false, 'no store was made for nothing')
  })

  test('may be anywhere, import files beside it, and these import tutti', async () => {
    await using folder = await temporary()
    await folder.file('definition.ts', source)
    const file = await folder.file('train.ts', `import definition from './definition.ts'\nexport default definition\n`)
    const program = start(['train', file, '--store', folder.store, '--json'])
    assert.equal(await program.exit, 0, program.stderr)
    assert.doesNotMatch(program.stderr, /warning/i)
  })
})

suite('the training', () => {
  test('an exception of the user’s own is told with its line, and fails the run', async () => {
    await using folder = await temporary()
    const line = source.split('\n').findIndex((text) => text.includes('of mine broke')) + 1
    assert.match(await vain(folder, 1, [tiny, '--set', 'explode=2']), new RegExp(`tiny\\.ts:${line}: something of mine broke`))
    await using store = await openStore({ path: folder.store })
    const run = await store.run('last')
    assert.equal(run.status, 'failed')
    assert.match(run.error?.message ?? '', /something of mine broke/)
    assert.ok(run.metrics.accuracy, 'what was reported stays')
  })

  test('--debug shows the stack', async () => {
    await using folder = await temporary()
    const { stderr } = await call(['train', tiny, '--store', folder.store, '--set', 'explode=0', '--debug'])
    assert.match(stderr, /^\s+at .*tiny\.ts/m)
  })

  test('a loss that is not a number fails the run with step, learning rate and the last good checkpoint', async () => {
    await using folder = await temporary()
    const text = source.replace(
      'nn.crossEntropy()',
      "{ kind: 'odd', apply: (output, target) => ops.log(ops.add(ops.mul(ops.mean(output), 0), nn.crossEntropy().apply(output, target).shape.length === 0 ? ops.sub(nn.crossEntropy().apply(output, target), 0.9) : 0)) }",
    )
    const file = await folder.file('train.ts', text.replace('random,', 'ops, random,'))
    const stderr = await vain(folder, 1, [file, '--set', 'learningRate=0.1', '--set', 'epochs=40'])
    assert.match(
      stderr,
      /The loss became (NaN|-?Infinity) at step \d+ \(learning rate 0\.1\)\. (The last good checkpoint is checkpoint-\d+|There is no checkpoint yet)/,
    )
    await using store = await openStore({ path: folder.store })
    const run = await store.run('last')
    assert.deepEqual([run.status, run.error?.code], ['failed', 'LOSS_NOT_FINITE'])
  })
})

suite('the store', () => {
  test('of a newer version', async () => {
    await using folder = await temporary()
    await call(['train', tiny, '--store', folder.store, '--quiet'])
    const database = new DatabaseSync(join(folder.store, 'tutti.db'))
    database.exec('PRAGMA user_version = 9999')
    database.close()
    assert.match(await vain(folder, 1, [tiny]), /schema version 9999, and this tutti knows versions up to/)
  })

  test('that is not one', async () => {
    await using folder = await temporary()
    await mkdir(folder.store)
    await writeFile(join(folder.store, 'tutti.db'), 'not a database at all, but long enough to be looked at'.repeat(50))
    assert.match(await vain(folder, 1, [tiny]), /is (not a tutti store|damaged)/)
  })

  test('that cannot be written', async () => {
    await using folder = await temporary()
    await mkdir(folder.store)
    await chmod(folder.store, 0o500)
    // The superuser may write everywhere but where the system itself refuses.
    const store = process.getuid?.() !== 0 ? folder.store : process.platform === 'linux' ? '/sys/tutti' : '/System/tutti'
    assert.match(await vain({ ...folder, store }, 1, [tiny]), /cannot be written/)
  })

  test('that is not there is said to whoever only looks', async () => {
    await using folder = await temporary()
    const { code, stderr } = await call(['runs', 'list', '--store', folder.store])
    assert.equal(code, 1)
    assert.match(stderr, /There is no store at/)
  })
})

suite('resuming', () => {
  const stopAt = (epoch: number) => ({
    onErr: (text: string, host: { send(signal: 'SIGINT'): void }) => void (text.startsWith(`epoch ${epoch}/`) && host.send('SIGINT')),
  })

  test('a changed model says what changed', async () => {
    await using folder = await temporary()
    const file = await folder.file('train.ts', source)
    await call(['train', file, '--store', folder.store], stopAt(2))
    const changed = await folder.file(
      'changed.ts',
      source.replace(
        "nn.dense({ units: 3, name: 'logits' })",
        "nn.dense({ units: 5, name: 'extra' }), nn.dense({ units: 3, name: 'logits' })",
      ),
    )
    const stderr = await vain(folder, 1, [changed, '--resume', 'last'])
    assert.match(stderr, /Cannot resume: the model has changed/)
    assert.match(stderr, /'extra\.weight' \[.*\] is new/)
    assert.match(stderr, /'logits\.weight' was \[.*\] and is now \[/)
  })

  test('a changed config, seed or file is refused before the run is touched', async () => {
    await using folder = await temporary()
    await call(['train', tiny, '--store', folder.store], stopAt(2))
    assert.match(await vain(folder, 2, ['--resume', 'last', '--set', 'epochs=9']), /its epochs is 6 and not 9/)
    assert.match(await vain(folder, 2, ['--resume', 'last', '--seed', '4']), /its seed is 0 and not 4/)
    const renamed = await folder.file(
      'renamed.ts',
      source.replace("name: 'tiny',", "name: 'other',").replace('config: {', 'config: { more: 1,'),
    )
    assert.match(await vain(folder, 1, [renamed, '--resume', 'last']), /its name was 'tiny' and is now 'other'; config 'more' is new/)
    await using store = await openStore({ path: folder.store })
    assert.equal((await store.run('last')).status, 'interrupted')
    assert.equal((await call(['train', '--resume', 'last', '--set', 'epochs=6', '--seed', '0', '--store', folder.store])).code, 0)
  })

  test('a run that has finished, or is not there', async () => {
    await using folder = await temporary()
    await call(['train', tiny, '--store', folder.store, '--quiet'])
    assert.match(await vain(folder, 1, ['--resume', 'last']), /has finished, so there is nothing to resume/)
    assert.match(await vain(folder, 1, ['--resume', 'tinny']), /no run 'tinny'/)
  })

  test('two processes: one goes on, the other is refused', async () => {
    await using folder = await temporary()
    await call(['train', tiny, '--store', folder.store, '--set', 'epochs=100000'], {
      onErr: (text, host) => void (text.includes(' 2/100000') && host.send('SIGINT')),
    })
    const both = [0, 1].map(() => start(['train', '--resume', 'last', '--store', folder.store, '--json']))
    const first = await Promise.race(both.map(async (program, i) => ({ i, code: await program.exit })))
    const [loser, winner] = [both[first.i], both[1 - first.i]]
    assert.equal(first.code, 1)
    assert.match(loser?.stderr ?? '', /belongs to process \d+ .* which is still at work/)
    winner?.process.kill('SIGINT')
    assert.equal(await winner?.exit, 130, winner?.stderr)
  })

  test('a damaged checkpoint is dropped for the one before it, and the result is the same', async () => {
    await using folder = await temporary()
    await call(['train', tiny, '--store', folder.store, '--quiet'])
    await call(['train', tiny, '--store', folder.store], stopAt(4))
    await using store = await openStore({ path: folder.store, readOnly: true })
    const [stopped, whole] = (await store.runs()).map(({ id }) => id) as [string, string]
    const checkpoints = (await store.artifacts(stopped))
      .filter(({ kind }) => kind === 'checkpoint')
      .sort((a, b) => (a.step ?? 0) - (b.step ?? 0))
    await writeFile(join(folder.store, checkpoints.at(-1)?.path as string), 'scribble')
    const on = await call(['train', '--resume', stopped, '--store', folder.store])
    assert.equal(on.code, 0, on.stderr)
    assert.match(on.stderr, /is dropped/)
    assert.deepEqual(await store.readArtifact(stopped, 'model.safetensors'), await store.readArtifact(whole, 'model.safetensors'))
  })
})
