/** Mistakes of `--engine ray`, against servers that are not what they should be: one sentence, quickly, and no stack. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { fakeRay, serveText } from '../cluster/ray/fake.ts'
import { call, type Folder, lastLine, temporary, tiny } from '../run/place.ts'

const nearest = join(tiny, '../nearest.ts')

/** Runs a study in vain; gives the one line that says why. */
async function vain(folder: Folder, code: number, ...args: string[]): Promise<string> {
  const file = args[0]?.endsWith('.ts') ? [] : [nearest]
  const called = await call(['tune', ...file, ...args, '--trials', '1', '--store', folder.store, '--json'])
  assert.equal(called.code, code, called.stderr)
  assert.doesNotMatch(called.stderr, /^\s+at /m, 'no stack')
  const errors = called.stderr.split('\n').filter((line) => line.startsWith('error '))
  assert.equal(errors.length, 1, called.stderr)
  if (called.stdout !== '') assert.equal(JSON.parse(lastLine(called.stdout)).status, 'failed')
  return errors[0] as string
}
const onRay = (folder: Folder, address: string, ...more: string[]) => vain(folder, 1, '--engine', 'ray', '--ray-address', address, ...more)
/** What is wrong on the command line is known before anybody is asked. */
const wrongly = (folder: Folder, address: string, ...more: string[]) =>
  vain(folder, 2, '--engine', 'ray', '--ray-address', address, ...more)

suite('what answers is not Ray, or not the Ray it should be', () => {
  test('nobody', async () => {
    await using folder = await temporary()
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    const address = `http://127.0.0.1:${port}`
    assert.match(
      await onRay(folder, address),
      new RegExp(`Nobody answers as Ray at ${address}: .*ECONNREFUSED.*\\. Give the address .*--ray-address.*\\[RAY_UNREACHABLE\\]$`),
    )
  })

  test('something that speaks no HTTP, as the port that nodes join by', async () => {
    await using folder = await temporary()
    const server = createServer((socket) => socket.end('\0\0\x12\x04\0\0\0\0'))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const said = await onRay(folder, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.close()
    assert.match(said, /Nobody answers as Ray at .*\[RAY_UNREACHABLE\]$/)
  })

  test('a web server of another kind', async () => {
    await using folder = await temporary()
    for (const [text, status] of [
      ['<!DOCTYPE html><title>Grafana</title>', 200],
      ['{"version":"3"}', 200],
      ['404 page not found', 404],
      ['', 302],
    ] as const) {
      await using page = await serveText(text, status)
      assert.match(await onRay(folder, page.address), /What answers at http:\S+ is not Ray's dashboard.*\[RAY_NOT_RAY\]$/)
    }
  })

  test('one that is too old', async () => {
    await using folder = await temporary()
    for (const version of ['1.13.0', '2.9.3']) {
      await using ray = await fakeRay({ version })
      const said = await onRay(folder, ray.address)
      assert.match(said, new RegExp(`is ${version}, and tutti needs 2\\.10 or newer\\. Install it on all nodes.*\\[RAY_VERSION\\]$`))
    }
  })

  test('a token: none, a wrong one, and files that hold none', async () => {
    await using folder = await temporary()
    await using ray = await fakeRay({ token: 'right' })
    assert.match(await onRay(folder, ray.address), /wants a token\. Give the file .*--ray-token-file.*\[RAY_TOKEN\]$/)
    const wrong = await folder.file('wrong', 'wrong\n')
    const said = await onRay(folder, ray.address, '--ray-token-file', wrong)
    assert.match(said, /does not accept the token\..*\[RAY_TOKEN\]$/)
    assert.doesNotMatch(said, /'wrong'/)
    for (const [file, why] of [
      [join(folder.path, 'absent'), /cannot be read from '.*absent': ENOENT/],
      [await folder.file('empty', '\n'), /it is empty/],
      [await folder.file('words', 'a b'), /it holds more than one word/],
    ] as const) {
      const text = await onRay(folder, ray.address, '--ray-token-file', file)
      assert.match(text, why)
      assert.match(text, /\[RAY_TOKEN_FILE\]$/)
    }
  })

  test('addresses that are none', async () => {
    await using folder = await temporary()
    for (const address of ['head:8265', 'ray://head:10001', 'http://'])
      assert.match(await wrongly(folder, address), /option 'address' is '.*' but must be the address of Ray's dashboard, such as/)
    await using ray = await fakeRay()
    for (const driver of ['10.0.0.5:99999', 'http://10.0.0.5', 'a b'])
      assert.match(
        await wrongly(folder, ray.address, '--driver-address', driver),
        /option 'driverAddress' is '.*' but must be HOST or HOST:PORT/,
      )
  })
})

suite('Ray does not do what it is asked', () => {
  test('the job ends before it begins', async () => {
    await using folder = await temporary()
    await using ray = await fakeRay({
      job: () => ({
        status: 'FAILED',
        message: 'Job entrypoint failed, last available logs (truncated to 20,000 chars):\nmore',
        logs: 'sh: 1: exec: python: not found\n',
      }),
    })
    const said = await onRay(folder, ray.address)
    assert.match(
      said,
      /The job 'tutti-\w+' on Ray at .* did not start: Job entrypoint failed; sh: 1: exec: python: not found\..*\[RAY_JOB\]$/,
    )
  })

  test('its head cannot reach the driver, and says so in its log', async () => {
    await using folder = await temporary()
    const logs = `noise\n${JSON.stringify({ tutti: { failed: 'Unreachable', message: '[Errno 113] No route to host' } })}\n`
    await using ray = await fakeRay({ job: () => ({ status: 'FAILED', logs }) })
    const said = await onRay(folder, ray.address)
    assert.match(
      said,
      /Ray's head cannot reach this machine at tcp:127\.0\.0\.1:\d+: No route to host\. Give an address .*--driver-address.*\[RAY_DRIVER_UNREACHABLE\]$/,
    )
  })
})

suite('the training file and the command line', () => {
  test('a training file that imports what cannot travel', async () => {
    await using folder = await temporary()
    await using ray = await fakeRay()
    const head = `import definition from '${nearest}'\n`
    const dynamic = await folder.file(
      'dynamic.ts',
      `${head}const name = './x.ts'\nif (name === '') await import(name)\nexport default definition\n`,
    )
    const said = await vain(folder, 1, dynamic, '--engine', 'ray', '--ray-address', ray.address)
    assert.match(said, /dynamic\.ts.*\[SHIP_IMPORT\]$/)
    assert.ok(!ray.calls.some((made) => made.startsWith('POST')), 'nothing was begun')
  })

  test('values that cannot be are mistakes of the command line', async () => {
    await using folder = await temporary()
    const ray = ['--engine', 'ray', '--ray-address', 'http://127.0.0.1:9']
    for (const [args, sentence] of [
      [[...ray, '--resources', 'GPU'], /--resources cannot be 'GPU': it must be JSON of names and amounts, such as \{"GPU":1\}/],
      [[...ray, '--workers', '0'], /--workers cannot be '0'/],
      [['--ray-address', 'http://127.0.0.1:9'], /--ray-address cannot be .* given with --engine ray/],
      [[...ray, '--memory-per-worker', 'much'], /--memory-per-worker cannot be 'much'/],
      [[...ray, '--cpus-per-worker', '-1'], /--cpus-per-worker cannot be '-1'/],
    ] as const)
      assert.match(await vain(folder, 2, ...args), sentence)
    const { stdout } = await call(['studies', 'list', '--store', folder.store, '--json'])
    assert.equal(stdout.trim(), '', 'nothing was begun')
  })

  test('amounts that no node counts', async () => {
    await using folder = await temporary()
    for (const resources of ['{"CPU":2}', '{"memory":3}', '{"GPU":0}', '{"GPU":-1}'])
      assert.match(await wrongly(folder, 'http://127.0.0.1:9', '--resources', resources), /option 'resources' is .*amounts above 0/)
  })
})
