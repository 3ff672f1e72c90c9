/** `tutti cluster check`: what is missing on which node, in sentences, from what the probes' job said. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { rayCheckText } from '../../src/cli/display/cluster.ts'
import { type CheckedNode, judge, type RayCheck } from '../../src/cluster/index.ts'
import { dial } from '../../src/net/index.ts'
import { type FakeJob, fakeRay, serveText } from '../cluster/ray/fake.ts'
import { call, lastLine } from '../run/place.ts'

type Facts = NonNullable<CheckedNode['facts']>
const GiB = 2 ** 30
const facts: Facts = {
  ...{ host: 'vm', ray: '2.60.0', python: '3.11.7', platform: 'linux-x64', processors: 2 },
  node: { path: '/usr/bin/node', version: '24.21.0' },
  memory: { total: 16 * GiB, free: 8 * GiB },
  disk: { folder: '/tmp', total: 100 * GiB, free: 50 * GiB },
  driver: { ms: 0.42 },
}
const nodeAt = (last: number, change: Partial<Facts> = {}, rest: Partial<CheckedNode> = {}): CheckedNode => ({
  ...{ address: `10.0.0.${last}`, head: last === 2, total: { CPU: 2, memory: 8 * GiB }, free: { CPU: 1, memory: 8 * GiB } },
  ...{ facts: { ...facts, ...change }, ...rest },
})
const checkOf = (nodes: readonly CheckedNode[], change: Partial<RayCheck> = {}): RayCheck => ({
  ...{
    address: 'http://10.0.0.2:8265',
    version: '2.60.0',
    driver: 'tcp:10.0.0.9:4711',
    need: { CPU: 1 },
    platform: 'linux-x64',
    node: 'node',
  },
  ...{ nodes, ...change },
})
const three = (change?: Partial<Facts>) => [nodeAt(2), nodeAt(3, change), nodeAt(4)]
const problemsOf = (check: RayCheck, workers?: number | 'auto') => judge(check, workers).problems.map(({ text }) => text)

suite('the verdict', () => {
  test('where all is well there is nothing to mend', () => {
    assert.deepEqual(judge(checkOf(three())), { ok: true, problems: [], notes: [], fits: { total: 6, free: 3 } })
    assert.equal(judge(checkOf(three()), 6).ok, true)
  })

  const cases: [change: Partial<Facts>, sentence: RegExp][] = [
    [
      { node: { path: '/usr/bin/node', version: '20.11.0' } },
      /^10\.0\.0\.3 has Node 20\.11\.0 \(\/usr\/bin\/node\), and tutti needs 24 or newer\. Install/,
    ],
    [{ node: { why: 'it is not there' } }, /^10\.0\.0\.3 has no Node by the name 'node'\. Install Node 24 or newer there, or name another/],
    [{ node: { path: '/x/node', why: 'no such library' } }, /^10\.0\.0\.3: \/x\/node does not tell its version \(no such library\)/],
    [{ platform: 'linux-arm64' }, /^10\.0\.0\.3 is linux-arm64, and what would be uploaded is for linux-x64\. .*'ray\.platform'/],
    [{ ray: '2.58.0' }, /^10\.0\.0\.3 has Ray 2\.58\.0, and the head 2\.60\.0\./],
    [{ python: '3.12.1' }, /^10\.0\.0\.3 has Python 3\.12\.1, and the head 3\.11\.7\./],
    [
      { driver: { why: '[Errno 113] No route to host' } },
      /^10\.0\.0\.3 does not reach this machine at 10\.0\.0\.9:4711 \(No route to host\)\. .*--driver-address HOST:PORT/,
    ],
    [{ disk: { folder: '/tmp', total: 100 * GiB, free: 0.5 * GiB } }, /^10\.0\.0\.3 has only 512\.0 MiB of 100\.0 GiB free in \/tmp/],
  ]
  for (const [change, sentence] of cases) {
    test(String(sentence), () => {
      const { ok, problems } = judge(checkOf(three(change)))
      assert.equal(ok, false)
      assert.equal(problems.length, 1)
      assert.match(problems[0]?.text ?? '', sentence)
      assert.deepEqual(problems[0]?.nodes, ['10.0.0.3'])
    })
  }

  test('Python of another patch is the same', () => assert.deepEqual(problemsOf(checkOf(three({ python: '3.11.9' }))), []))

  test('nodes with the same trouble are told of together, and all of them as all', () => {
    const old = { node: { path: '/usr/bin/node', version: '20.11.0' } }
    assert.match(problemsOf(checkOf([nodeAt(2), nodeAt(3, old), nodeAt(4, old)]))[0] ?? '', /^10\.0\.0\.3 and 10\.0\.0\.4 have Node 20/)
    assert.match(problemsOf(checkOf([nodeAt(2, old), nodeAt(3, old)]))[0] ?? '', /^All 2 nodes have Node 20/)
    const deaf = { driver: { why: 'timed out' } }
    assert.match(problemsOf(checkOf([nodeAt(2, deaf), nodeAt(3, deaf)]))[0] ?? '', /^None of the 2 nodes reaches this machine at/)
    const many = [nodeAt(2), ...Array.from({ length: 20 }, (_, i) => nodeAt(i + 3, old))]
    assert.match(problemsOf(checkOf(many))[0] ?? '', /^20 nodes \(10\.0\.0\.3, 10\.0\.0\.4, 10\.0\.0\.5, \.\.\.\) have Node 20/)
  })

  test('a node that does not answer is named, with why where that is known', () => {
    const { facts: _, ...silent } = nodeAt(3)
    assert.match(
      problemsOf(checkOf([nodeAt(2), silent]))[0] ?? '',
      /^10\.0\.0\.3 did not answer: it said nothing within 30 s\. Look at its log/,
    )
    const told = { ...silent, trouble: 'The runtime environment failed.' }
    assert.match(problemsOf(checkOf([nodeAt(2), told]))[0] ?? '', /^10\.0\.0\.3 did not answer: The runtime environment failed\. Look/)
  })

  test('room: none, too little, and enough', () => {
    assert.match(
      problemsOf(checkOf(three(), { need: { CPU: 8 } }))[0] ?? '',
      /^No node has room for a worker, which takes 8 CPUs: the largest has 2 CPUs\. Ask for less/,
    )
    assert.match(problemsOf(checkOf(three(), { need: { CPU: 1, memory: 2 ** 40 } }))[0] ?? '', /1\.0 TiB of memory/)
    assert.match(problemsOf(checkOf(three()), 7)[0] ?? '', /^7 workers were asked for, and 6 have room: each takes 1 CPU\./)
    for (const workers of [1, 6, 'auto'] as const) assert.deepEqual(problemsOf(checkOf(three()), workers), [])
  })

  test('where no worker would ever be, trouble does no harm, unless the job itself could not reach the driver', () => {
    const headOnly = { total: { CPU: 0 }, free: { CPU: 0 } }
    const idle = judge(checkOf([nodeAt(2, { node: { why: 'it is not there' } }, headOnly), nodeAt(3)]))
    assert.equal(idle.ok, true)
    assert.deepEqual(
      idle.notes.map(({ text }) => text.split(' ')[1]),
      ['has', 'is'],
    )
    assert.equal(judge(checkOf([nodeAt(2, { driver: { why: 'refused' } }, headOnly), nodeAt(3)])).ok, false)
  })
})

suite('on the screen', () => {
  const shown = (check: RayCheck) => rayCheckText(check, judge(check), { color: false, columns: 80 })

  test('what is the same everywhere is said once, the head comes first, and the verdict is the last line', () => {
    assert.equal(
      shown(checkOf([nodeAt(10), nodeAt(3), nodeAt(2)])),
      `Ray 2.60.0 at http://10.0.0.2:8265, 3 nodes
all with Python 3.11.7, Node 24.21.0, linux-x64

node           CPUs free      memory free  disk free  round trip  workers
10.0.0.2 head     1 of 2  8.0 of 16.0 GiB   50.0 GiB      0.4 ms        2
10.0.0.3          1 of 2  8.0 of 16.0 GiB   50.0 GiB      0.4 ms        2
10.0.0.10         1 of 2  8.0 of 16.0 GiB   50.0 GiB      0.4 ms        2

✓ Ready: 6 workers have room, 3 of them now.
`,
    )
  })

  test('what differs or is wrong has a column; sentences fit the screen', () => {
    const { facts: _, ...silent } = nodeAt(4)
    const text = shown(checkOf([nodeAt(2), nodeAt(3, { node: { path: '/usr/bin/node', version: '20.11.0' } }), silent]))
    assert.match(text, /^node +Python +Node +platform +CPUs free/m)
    assert.match(text, /^10\.0\.0\.3 +3\.11\.7 +20\.11\.0 +linux-x64/m)
    assert.match(text, /^10\.0\.0\.4 +- +- +- +1 of 2 +- +- +- +2$/m)
    assert.match(text, /^✗ 10\.0\.0\.3 has Node/m)
    assert.match(text, /\n✗ Not ready: 2 things are to be mended\.\n$/)
    for (const line of text.split('\n').filter((line) => /^[✗ ] /.test(line))) assert.ok(line.length <= 80, line)
  })
})

suite('the command', () => {
  const lines = (...said: unknown[]) => said.map((line) => `${JSON.stringify({ tuttiCheck: line })}\n`).join('')
  const listed = { nodes: [{ id: 'a', address: '10.0.0.2', head: true, total: { CPU: 1 }, free: { CPU: 1 } }] }
  const check = (address: string, ...more: string[]) => call(['cluster', 'check', '--engine', 'ray', '--ray-address', address, ...more])

  test('the port is open while nodes are asked, to those who know the token, and what they find is told', async () => {
    let asked = 0
    await using ray = await fakeRay({
      async job({ address, token }): Promise<FakeJob> {
        // The first time there is a line in the making, and noise.
        if (asked++ === 0) return { status: 'RUNNING', logs: `WARNING something\n{"tuttiCheck": {"nodes": [` }
        const probe = await dial(address, { token, hello: { role: 'check' } })
        const echo = new Promise((resolve) => probe.onMessage(({ body }) => resolve(body)))
        probe.send({ ping: 1 })
        assert.deepEqual(await echo, { ping: 1 })
        probe.close()
        await assert.rejects(dial(address, { token: 'wrong', hello: { role: 'check' } }), /does not accept the token/)
        return { status: 'RUNNING', logs: lines(listed, { id: 'a', facts }, { done: true }) }
      },
    })
    const { code, stdout, stderr } = await check(ray.address, '--json')
    assert.equal(code, 0, stderr)
    const told = JSON.parse(lastLine(stdout))
    assert.deepEqual([told.ok, told.version, told.nodes[0].facts, told.fits], [true, '2.60.0', facts, { total: 1, free: 1 }])
    assert.match(ray.calls.at(-1) ?? '', /^POST \/api\/jobs\/tutti-check-\w+\/stop$/)
    const people = await check(ray.address, '--workers', '3')
    assert.equal(people.code, 1)
    assert.match(people.stdout, /✗ 3 workers were asked for, and 1 has room/)
  })

  test('a node that says nothing is named when the job has ended', async () => {
    await using ray = await fakeRay({ job: () => ({ status: 'SUCCEEDED', logs: lines(listed) }) })
    const { code, stdout } = await check(ray.address)
    assert.equal(code, 1)
    assert.match(stdout, /✗ 10\.0\.0\.2 did not answer/)
  })

  test('a job that fails, or says what it should not, is a sentence', async () => {
    await using failed = await fakeRay({ job: () => ({ status: 'FAILED', message: 'it went wrong\nmore', logs: 'python: not found\n' }) })
    const first = await check(failed.address)
    assert.equal(first.code, 1)
    assert.match(first.stderr, /The job 'tutti-check-\w+' on Ray at .* did not start: it went wrong; python: not found\..*\[RAY_JOB\]\n$/)
    await using odd = await fakeRay({ job: () => ({ status: 'SUCCEEDED', logs: lines({ nodes: [{ address: 3 }] }, { done: true }) }) })
    assert.match((await check(odd.address)).stderr, /\[RAY_JOB\]/)
  })

  test('what is no Ray, no action, and an engine of this machine', async () => {
    await using page = await serveText('<!DOCTYPE html><title>My dashboard</title>')
    assert.match((await check(page.address)).stderr, /is not Ray's dashboard.*\[RAY_NOT_RAY\]/)
    assert.match((await call(['cluster', 'chekc'])).stderr, /Did you mean 'cluster check'/)
    assert.equal((await call(['cluster'])).code, 2)
    const { code, stdout } = await call(['cluster', 'check', '--engine', 'threads'])
    assert.equal(code, 0)
    assert.match(stdout, /Node +\d+\.\d+[\s\S]*The engine threads runs on this machine: there is nothing to check\./)
    assert.match((await call(['cluster', 'check', '--engine', 'rya'])).stderr, /no engine named 'rya'/)
  })
})
