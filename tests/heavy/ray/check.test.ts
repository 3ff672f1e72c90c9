/** `tutti cluster check` on nodes that are really there. */
import assert from 'node:assert/strict'
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type RunningCluster, runJob } from '../../../scripts/cluster/index.ts'
import { bin, lastLine, temporary } from '../../run/place.ts'
import { endOf, jobsOn, startedTwice, until } from './world.ts'

let cluster: RunningCluster
before(async () => {
  cluster = await startedTwice({ nodes: 3, token: true })
})
after(() => cluster && endOf(cluster))

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly seconds: number
}

/** In a folder of its own, with this as the key 'ray' of the configuration. */
async function check(config: Record<string, unknown>, ...flags: string[]): Promise<Ran> {
  await using folder = await temporary()
  const ray = { address: cluster.address, tokenFile: cluster.tokenFile, ...config }
  await writeFile(join(folder.path, 'tutti.config.mjs'), `export default ${JSON.stringify({ engine: 'ray', ray })}\n`)
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  const options: ExecFileSyncOptionsWithStringEncoding = { cwd: folder.path, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }
  try {
    const out = execFileSync(process.execPath, [bin, 'cluster', 'check', ...flags], options)
    return { code: 0, out, err: '', seconds: seconds() }
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string }
    return { code: status, out: stdout, err: stderr, seconds: seconds() }
  }
}

test('all is well: every node answers, and reaches the driver', async () => {
  const { code, out, err } = await check({}, '--json', '--workers', '3')
  assert.equal(code, 0, out + err)
  const { nodes, fits, version } = JSON.parse(lastLine(out))
  assert.deepEqual(nodes.map(({ address }: { address: string }) => address).sort(), ['127.0.0.2', '127.0.0.3', '127.0.0.4'])
  assert.deepEqual(fits, { total: 3, free: 3 })
  for (const { facts } of nodes) {
    assert.equal(facts.ray, version)
    assert.equal(facts.node.version, process.versions.node)
    assert.equal(facts.platform, `${process.platform}-${process.arch}`)
    assert.ok(facts.driver.ms > 0 && facts.driver.ms < 1000)
    assert.ok(facts.memory.free > 0 && facts.memory.free <= facts.memory.total && facts.disk.free > 0)
  }
  await until('its job has ended', async () => (await jobsOn(cluster)).every(({ status }) => status !== 'RUNNING' && status !== 'PENDING'))
})

test('nodes whose processors are all taken are looked at as well', async () => {
  await using folder = await temporary()
  const end = join(folder.path, 'end')
  const busy = `python -c "
import os, ray, time
ray.init(log_to_driver=False, logging_level='ERROR')
@ray.remote(num_cpus=1)
def hold():
    while not os.path.exists('${end}'): time.sleep(0.1)
ray.get([hold.remote() for _ in range(3)])
"`
  const job = runJob(cluster.place, { entrypoint: busy }, 120_000)
  const held = async () => {
    const { out } = await check({}, '--json')
    return JSON.parse(lastLine(out)).fits.free === 0 && out
  }
  const told = JSON.parse(lastLine(await until('all are taken', held, 90_000)))
  assert.deepEqual([told.ok, told.fits], [true, { total: 3, free: 0 }])
  assert.ok(told.nodes.every(({ facts }: { facts?: object }) => facts))
  await folder.file('end', '')
  await job
})

test('what is wrong is said of the nodes it is wrong on', async () => {
  const cases: [config: Record<string, unknown>, sentences: RegExp[]][] = [
    [{ node: 'node-of-another-name' }, [/All 3 nodes have no Node by the name 'node-of-another-name'/]],
    [
      { node: '/bin/false', platform: 'linux-s390x', cpusPerWorker: 8, memoryPerWorker: '1TiB', driverAddress: '192.0.2.1:9' },
      [
        /None of the 3 nodes reaches this machine at 192\.0\.2\.1:9 \(.+\)\. .*--driver-address/,
        /All 3 nodes: \/bin\/false does not tell its version/,
        /All 3 nodes are linux-\w+, and what would be uploaded is for linux-s390x/,
        /No node has room for a worker, which takes 8 CPUs and 1\.0 TiB of memory: the largest has 1 CPU/,
      ],
    ],
  ]
  for (const [config, sentences] of cases) {
    const { code, out, err, seconds } = await check(config)
    assert.equal(code, 1, out + err)
    for (const sentence of sentences) assert.match(out.replace(/\n {2}/g, ' '), sentence)
    assert.equal(out.match(/^✗ /gm)?.length, sentences.length + 1, out)
    assert.ok(seconds < 60)
  }
})

test('a wrong token, none, and a Python that is not there, in sentences', async () => {
  await using folder = await temporary()
  const wrong = await check({ tokenFile: await folder.file('token', 'wrong') })
  assert.match(wrong.err, /does not accept the token\. Give the file .*\[RAY_TOKEN\]/)
  const none = await check({ tokenFile: undefined })
  assert.match(none.err, /wants a token\..*\[RAY_TOKEN\]/)
  const python = await check({ python: 'python-of-another-name' })
  assert.match(python.err, /The job 'tutti-check-\w+' .*python-of-another-name.*\[RAY_JOB\]/)
  for (const { code, err } of [wrong, none, python]) {
    assert.equal(code, 1)
    assert.equal(err.trimEnd().split('\n').length, 1, err)
  }
})

// The last: the node is lost to the cluster.
test('a node that is frozen is named', async () => {
  const { raylet = 0 } = cluster.nodes[2] ?? {}
  process.kill(raylet, 'SIGSTOP')
  const { out, err } = await check({})
  process.kill(raylet, 'SIGCONT')
  // Where all is slow, Ray has given it up before the job begins: then it is no node any more.
  const [, count] = /, (\d) nodes$/m.exec(out) ?? []
  if (count === '2') assert.doesNotMatch(out, /127\.0\.0\.4/)
  else assert.match(out, /✗ 127\.0\.0\.4 did not answer: /, out + err)
})
