import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { stopper } from '../../src/cli/stop.ts'
import { virtualClock } from '../../src/core/clock.ts'
import { memoryHost } from '../../src/core/process.ts'
import { openStore } from '../../src/store/index.ts'
import { artifact, call, lastLine, start, temporary, tiny, trained } from '../run/place.ts'

suite('tutti train', () => {
  test('tells epochs on stderr, and on stdout the result, where it is and what to try next', async () => {
    await using folder = await temporary()
    const { code, stdout, stderr } = await call(['train', tiny, '--store', folder.store, '--set', 'epochs=3'])
    assert.equal(code, 0)
    assert.match(stderr, /^tiny · run tiny-\w+ · seed 0 · 1 thread\n/)
    for (const epoch of [1, 2, 3]) assert.match(stderr, new RegExp(`^epoch ${epoch}/3  loss [\\d.]+  accuracy [\\d.]+  [\\d.]+ s$`, 'm'))
    assert.match(stdout, /^Finished in /)
    assert.match(stdout, /^ {2}accuracy {2}0\.\d{4}$/m)
    const run = /run (tiny-\w+) in/.exec(stdout)?.[1]
    for (const next of [`runs show ${run}`, `predict ${run} --input FILE`, `export ${run} --to model`])
      assert.ok(stdout.includes(`tutti ${next}`))
    assert.match(stdout, /--set epochs=3 --set units=16/)
  })

  test('on a terminal draws one line over and over, and none is wider than the terminal', async () => {
    await using folder = await temporary()
    for (const columns of [40, 80, 120]) {
      const { stderr } = await call(['train', tiny, '--store', folder.store], { interactive: true, columns })
      // After each erasure comes the live line, or a line that stays and then the live line again.
      const drawn = stderr
        .split('\r\x1b[2K')
        .slice(1)
        .map((part) => part.split('\n').at(-1) as string)
      assert.ok(drawn.some((line) => line.startsWith('epoch 1/6')))
      for (const line of drawn) assert.ok([...line].length < columns, line)
    }
  })

  test('--quiet says nothing on the way', async () => {
    await using folder = await temporary()
    const { stderr, stdout } = await call(['train', tiny, '--store', folder.store, '--quiet'])
    assert.equal(stderr, '')
    assert.match(stdout, /^Finished/)
  })

  test('--json ends stdout with one object: run, status, metrics, seconds', async () => {
    await using folder = await temporary()
    const { stdout, stderr, code } = await call(['train', tiny, '--store', folder.store, '--json'])
    assert.equal(code, 0)
    const result = JSON.parse(lastLine(stdout))
    assert.deepEqual(Object.keys(result), ['run', 'status', 'metrics', 'seconds'])
    assert.equal(result.status, 'finished')
    assert.ok(result.metrics.accuracy > 0.5 && result.seconds > 0)
    assert.match(stderr, /epoch 1\/6/)
    await using store = await openStore({ path: folder.store, readOnly: true })
    assert.deepEqual((await store.run(result.run)).metrics, result.metrics)
  })

  test('the store has config, seed, facts, metrics by their own keys, logs and artifacts', async () => {
    await using folder = await temporary()
    await call(['train', tiny, '--store', folder.store, '--seed', '5', '--set', 'restless=true'])
    await using store = await openStore({ path: folder.store, readOnly: true })
    const run = await store.run('last')
    assert.equal(run.seed, 5)
    assert.equal(run.config.restless, true)
    assert.equal(run.file, tiny)
    assert.equal(run.facts?.threads, 1)
    const keys = new Set((await store.metrics('last')).map(({ key }) => key))
    assert.deepEqual([...keys], ['accuracy', 'train/epochLoss', 'train/loss'])
    assert.deepEqual(
      (await store.metrics('last', 'accuracy')).map(({ step }) => step),
      [0, 1, 2, 3, 4, 5],
    )
    assert.equal((await store.logs('last')).filter(({ text }) => / is over$/.test(text)).length, 6)
    const names = (await store.artifacts('last')).map(({ name }) => name)
    assert.deepEqual(
      names.filter((name) => !name.startsWith('checkpoint-')),
      ['best.safetensors', 'model.json', 'model.onnx', 'model.safetensors'],
    )
    assert.equal(names.length, 6, 'and the last two checkpoints')
  })

  test('the same seed twice gives the same bytes, another seed other ones', async () => {
    await using folder = await temporary()
    const first = await trained(folder.store)
    const onnx = await artifact(folder.store, 'model.onnx')
    assert.deepEqual(await trained(folder.store), first)
    assert.deepEqual(await artifact(folder.store, 'model.onnx'), onnx)
    assert.notDeepEqual(await trained(folder.store, ['--seed', '1']), first)
  })
})

suite('Ctrl-C', () => {
  test('the first ends the run as interrupted with a checkpoint; resumed, it gives the bytes of a run that was let be', async () => {
    await using folder = await temporary()
    const whole = await trained(folder.store)
    const stopped = await call(['train', tiny, '--store', folder.store], {
      onErr: (text, host) => text.startsWith('epoch 3/') && host.send('SIGINT'),
    })
    assert.equal(stopped.code, 130)
    assert.match(stopped.stdout, /^Interrupted after .* Kept checkpoint-\d+\.safetensors\.$/m)
    const resume = /train --resume (tiny-\w+)/.exec(stopped.stdout)?.[1] as string
    const on = await call(['train', '--resume', resume, '--store', folder.store, '--json'])
    assert.equal(on.code, 0)
    assert.match(on.stderr, /on from checkpoint-\d+\.safetensors/)
    assert.equal(JSON.parse(lastLine(on.stdout)).run, resume)
    assert.deepEqual(await artifact(folder.store, 'model.safetensors', resume), whole)
    await using store = await openStore({ path: folder.store, readOnly: true })
    const [first, second] = await Promise.all((await store.runs()).map(({ id }) => store.metrics(id)))
    const curve = (points: typeof first) => points?.map(({ key, step, value }) => ({ key, step, value }))
    assert.deepEqual(curve(first), curve(second), 'metrics too are those of the whole run')
  })

  test('a second one, but not the same one passed on twice, ends the process at once', async () => {
    const host = memoryHost()
    const clock = virtualClock()
    let asked = 0
    using stop = stopper(host, clock, () => asked++)
    host.send('SIGINT')
    host.send('SIGINT')
    assert.deepEqual([asked, stop.signal.aborted, stop.exitCode(), host.exited], [1, true, 130, undefined])
    await clock.advance(1000)
    host.send('SIGINT')
    assert.deepEqual([asked, host.exited], [1, 130])
  })

  test('SIGTERM is told by its own exit code', () => {
    const host = memoryHost()
    using stop = stopper(host, virtualClock(), () => {})
    host.send('SIGTERM')
    assert.equal(stop.exitCode(), 143)
  })

  test('of a real process: exit code 130 for SIGINT, 143 for SIGTERM, and the last line is still JSON', async () => {
    await using folder = await temporary()
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const program = start(['train', tiny, '--store', folder.store, '--json', '--set', 'epochs=100000'])
      while (!program.stderr.includes('epoch      2/')) await new Promise((resolve) => setTimeout(resolve, 5))
      program.process.kill(signal)
      assert.equal(await program.exit, code, program.stderr)
      assert.equal(JSON.parse(lastLine(program.stdout)).status, 'interrupted')
    }
  })
})

suite('threads', () => {
  test('a resumed run goes on with as many as it began with; another number is warned of', async () => {
    await using folder = await temporary()
    const stopped = () =>
      call(['train', tiny, '--store', folder.store, '--threads', '2'], {
        onErr: (text, host) => text.startsWith('epoch 2/') && host.send('SIGINT'),
      })
    await stopped()
    const same = await call(['train', '--resume', 'last', '--store', folder.store])
    assert.match(same.stderr, /· 2 threads ·/)
    assert.doesNotMatch(same.stderr, /warning/)
    await stopped()
    const other = await call(['train', '--resume', 'last', '--store', folder.store, '--threads', '1'])
    assert.match(other.stderr, /warning The run had 2 threads and goes on with 1/)
  })
})
