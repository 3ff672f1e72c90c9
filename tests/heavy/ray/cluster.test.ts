/** The Ray cluster of tests and benchmarks: it comes up, it works, and nothing of it is left. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  alive,
  ask,
  installRay,
  listNodes,
  lookUp,
  type Place,
  type Process,
  runJob,
  startCluster,
} from '../../../scripts/cluster/index.ts'

const root = join(import.meta.dirname, '../../..')

/** What each node has, and a child that leaves the session of its job, as a program may. */
const look = `python -c "
import json, ray, shutil, subprocess
ray.init(log_to_driver=False, logging_level='ERROR')
loose = subprocess.Popen(['sleep', '600'], start_new_session=True)
nodes = {node['NodeManagerAddress']: node['Resources'].get('CPU') for node in ray.nodes() if node['Alive']}
print('FOUND', json.dumps({'nodes': nodes, 'node': shutil.which('node'), 'python': shutil.which('python'), 'loose': loose.pid}), flush=True)
"`

test('up, a second up, a job, down: nothing is left', async () => {
  await using place = temporary()
  const folder = join(place.path, 'cluster')
  const { code, out } = await cluster('up', '--folder', folder)
  assert.equal(code, 0, out)
  const address = addressIn(out)
  assert.match(out, /cluster:down -- --folder/)

  const again = await cluster('up', '--folder', folder)
  assert.equal(again.code, 0, again.out)
  assert.match(again.out, /3 nodes runs already/)
  assert.equal(addressIn(again.out), address)

  const listed = (await listNodes({ address })) ?? []
  assert.deepEqual(
    listed.map(({ state }) => state),
    ['ALIVE', 'ALIVE', 'ALIVE'],
  )
  const found = await foundBy({ address })
  assert.deepEqual(found.nodes, { '127.0.0.2': 1, '127.0.0.3': 1, '127.0.0.4': 1 })
  assert.equal(found.node, process.execPath)
  assert.equal(found.python, join(root, '.cache/ray/bin/python'))

  const loose = lookUp(found.loose) as Process
  const nodes = recorded(folder)
  assert.equal(nodes.length, 6, 'three nodes with a raylet each')
  assert.ok(nodes.every(alive))
  const down = await cluster('down', '--folder', folder)
  assert.equal(down.code, 0, down.out)
  assert.match(down.out, /^Ended \d\d processes/)
  assert.deepEqual([...nodes, loose].filter(alive), [])
  await assert.rejects(ask({ address }, 'GET', '/api/version'))
  assert.ok(!existsSync(folder))
  assert.match((await cluster('down', '--folder', folder)).out, /No cluster is running here/)
})

test('with a token: without it nothing; a lost node is noticed, and another takes its place', async () => {
  await using running = await startCluster({ nodes: 2, token: true })
  assert.equal(statSync(running.tokenFile as string).mode & 0o777, 0o600)
  assert.equal((await ask({ address: running.address }, 'GET', '/api/jobs/')).status, 401)
  assert.deepEqual((await foundBy(running.place)).nodes, { '127.0.0.2': 1, '127.0.0.3': 1 })
  const lost = running.nodes[1] as (typeof running.nodes)[number]
  running.killNode(1)
  while ((await listNodes(running.place))?.find(({ id }) => id === lost.id)?.state !== 'DEAD') await sleep(100)
  await running.addNode(2)
  assert.deepEqual((await foundBy(running.place)).nodes, { '127.0.0.2': 1, '127.0.0.4': 2 })
  const all = running.processes()
  assert.ok(all.length > 10)
  assert.ok((await running.stop()) >= all.length)
  assert.deepEqual(all.filter(alive), [])
})

test('killed while it starts, and down: nothing is left', async () => {
  await using place = temporary()
  const program = spawn(process.execPath, [join(root, 'scripts/cluster.ts'), 'up', '--folder', place.path], { stdio: 'ignore' })
  while (recorded(place.path).length < 3) await sleep(20)
  const nodes = recorded(place.path)
  assert.match((await cluster('up', '--folder', place.path)).out, /is being started already, by process \d+/)
  program.kill('SIGKILL')
  await once(program, 'exit')
  assert.match((await cluster('up', '--folder', place.path)).out, /0 of its 3 nodes answer. End it with/)
  const { code, out } = await cluster('down', '--folder', place.path)
  assert.equal(code, 0, out)
  assert.deepEqual(nodes.filter(alive), [])
})

test('what cannot be is said in a sentence', async () => {
  for (const [args, sentence] of [
    [['up', '--nodes', 'three'], /^--nodes wants a whole number, not 'three'\.$/m],
    [['up', '--nodes', '0'], /^A cluster has 1 to 100 nodes, not 0\.$/m],
    [['up', '--node', '3'], /Unknown option '--node'/],
  ] as const) {
    await using place = temporary()
    const { code, out } = await cluster(...args, '--folder', join(place.path, 'cluster'))
    assert.equal(code, 1)
    assert.match(out, sentence)
    assert.doesNotMatch(out, /^ {4}at /m)
  }
})

test('a port that is taken, no Python, and a pip that fails, in sentences', async () => {
  await using place = temporary()
  const server = createServer()
  await once(server.listen(0), 'listening')
  const { port } = server.address() as AddressInfo
  const taken = await cluster('up', '--port', String(port), '--folder', join(place.path, 'cluster'))
  server.close()
  assert.match(taken.out, new RegExp(`^Port ${port} is taken by another program`, 'm'))

  const before = { ...process.env }
  try {
    process.env.PATH = '/nowhere'
    await assert.rejects(installRay(undefined, join(place.path, 'one')), /There is no python3 on PATH/)
    process.env.PATH = before.PATH
    Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: place.path })
    await assert.rejects(
      installRay(undefined, join(place.path, 'two')),
      /pip could not install what .+requirements-ray\.txt names:\n[\s\S]*ray/,
    )
  } finally {
    process.env = before
  }
})

async function foundBy(place: Place): Promise<{ nodes: Record<string, number>; node: string; python: string; loose: number }> {
  const [, found] = /FOUND (.+)/.exec(await runJob(place, { entrypoint: look }, 60_000)) ?? []
  return JSON.parse(found as string)
}

/** Nodes and raylets that are written down. */
function recorded(folder: string): Process[] {
  try {
    const { nodes } = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as { nodes: (Process & { raylet?: Process })[] }
    return nodes.flatMap(({ pid, start, raylet }) => [{ pid, start }, ...(raylet ? [raylet] : [])])
  } catch {
    return []
  }
}

async function cluster(...args: string[]): Promise<{ code: number; out: string }> {
  const program = spawn(process.execPath, [join(root, 'scripts/cluster.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  for (const stream of [program.stdout, program.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (out += text))
  const [code] = await once(program, 'close')
  return { code, out }
}

function addressIn(out: string): string {
  const [address] = /http:\/\/127\.0\.0\.2:\d+/.exec(out) ?? []
  assert.ok(address, out)
  return address
}

/** A folder; a cluster that is left in it is ended. */
function temporary(): AsyncDisposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'tutti-cluster-'))
  return {
    path,
    async [Symbol.asyncDispose]() {
      for (const folder of [path, join(path, 'cluster')])
        if (existsSync(join(folder, 'state.json'))) await cluster('down', '--folder', folder)
      rmSync(path, { recursive: true, force: true })
    },
  }
}
