/** Mistakes of `tutti tune --engine ray` that only a cluster can tell: one sentence, and no stack trace. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type RunningCluster, runJob } from '../../../scripts/cluster/index.ts'
import { lastLine, start, temporary } from '../../run/place.ts'
import { endOf, jobsOn, nothingLeft, startedTwice, until } from './world.ts'

let cluster: RunningCluster
before(async () => {
  cluster = await startedTwice({ nodes: 2, token: true })
})
after(() => cluster && endOf(cluster))

const training = `import { data, space, training, trees } from 'tutti'

export default training.fromEstimator({
  name: 'small',
  config: { maxDepth: 2 },
  space: { maxDepth: space.int(1, 4) },
  objective: { metric: 'accuracy', direction: 'maximize' },
  data() {
    const x = Array.from({ length: 60 }, (_, i) => i / 60)
    const { train, test } = data.frame({ x, y: x.map((value) => (value > 0.5 ? 'yes' : 'no')) }, 'small').split({ test: 0.2, seed: 0 })
    const learned = train.dataset({ target: 'y' })
    return { train: learned, test: test.dataset({ encoding: learned.encoding }) }
  },
  estimator: ({ maxDepth }) => trees.decisionTreeClassifier({ maxDepth }),
})
`

interface Ran {
  readonly code: number | string
  readonly err: string
  readonly seconds: number
  readonly errorCode: string
}

/** Runs a study with this as the key 'ray' of the configuration. */
async function tune(config: Record<string, unknown>, source = training): Promise<Ran> {
  await using folder = await temporary()
  const ray = { address: cluster.address, tokenFile: cluster.tokenFile, ...config }
  await writeFile(join(folder.path, 'tutti.config.mjs'), `export default ${JSON.stringify({ engine: 'ray', ray })}\n`)
  const file = await folder.file('train.ts', source)
  const began = performance.now()
  const program = start(['tune', file, '--trials', '2', '--sampler', 'random', '--store', folder.store, '--quiet', '--json'])
  const code = await program.exit
  const { error } = JSON.parse(lastLine(program.stdout))
  return { code, err: program.stderr, seconds: (performance.now() - began) / 1000, errorCode: error?.code }
}

const cases: [what: string, config: Record<string, unknown>, sentence: RegExp, code: string][] = [
  [
    'processors that no node ever has',
    { cpusPerWorker: 8, patience: 2 },
    /A worker needs 8 CPUs, and of the 2 nodes of Ray at \S+ the largest has 1 CPU\. Ask for less/,
    'RAY_SHORT',
  ],
  [
    'memory and a resource that no node ever has',
    { memoryPerWorker: '1TiB', resources: { GPU: 1 }, patience: 2 },
    /A worker needs 1 CPU, 1\.0 TiB of memory and 1 GPU, and of the 2 nodes .* 0 GPUs\./,
    'RAY_SHORT',
  ],
  [
    'one and a half of what Ray gives whole',
    { resources: { GPU: 1.5 } },
    /Ray refuses what a worker takes: GPU resource quantities >1 must be whole numbers/,
    'WORKERS_GONE',
  ],
  [
    'a driver address that nobody reaches',
    { driverAddress: '192.0.2.1:9' },
    /Ray's head cannot reach this machine at tcp:192\.0\.2\.1:9: .+\. Give an address that all nodes reach with --driver-address/,
    'RAY_DRIVER_UNREACHABLE',
  ],
  [
    'a Node that is not there',
    { node: 'node-of-another-name' },
    /there is no Node by the name 'node-of-another-name' on 127\.0\.0\.\d: install Node 24 or newer/,
    'WORKERS_GONE',
  ],
  ['what is no Node', { node: '/bin/false' }, /\/bin\/false on 127\.0\.0\.\d does not tell its version/, 'WORKERS_GONE'],
  [
    'a Python that is not there',
    { python: 'python-of-another-name' },
    /The job 'tutti-\w+' on Ray at \S+ did not start: .*python-of-another-name: not found/,
    'RAY_JOB',
  ],
]
for (const [what, config, sentence, code] of cases) {
  test(what, async () => {
    const ran = await tune(config)
    assert.equal(ran.code, 1, ran.err)
    assert.equal(ran.errorCode, code, ran.err)
    const error = ran.err.split('\n').filter((line) => line.startsWith('error '))
    assert.equal(error.length, 1, ran.err)
    assert.match(error[0] as string, sentence)
    assert.doesNotMatch(ran.err, /^\s+at |Traceback/m)
    assert.ok(ran.seconds < 60, `${ran.seconds} s`)
    await nothingLeft(cluster)
  })
}

test('a token that is wrong', async () => {
  await using folder = await temporary()
  const ran = await tune({ tokenFile: await folder.file('token', 'wrong') })
  assert.equal(ran.errorCode, 'RAY_TOKEN', ran.err)
})

test('a training file that imports what cannot travel: nothing is begun', async () => {
  const before = (await jobsOn(cluster)).length
  const ran = await tune({}, `${training}\nconst name: string = './other.ts'\nif (name === '') await import(name)\n`)
  assert.equal(ran.errorCode, 'SHIP_IMPORT', ran.err)
  assert.match(ran.err, /train\.ts:\d+/)
  assert.equal((await jobsOn(cluster)).length, before)
})

test('a cluster whose processors are all taken, for longer than there is patience', async () => {
  await using folder = await temporary()
  const [began, end] = [join(folder.path, 'began'), join(folder.path, 'end')]
  const busy = `python -c "
import os, ray, time
ray.init(log_to_driver=False, logging_level='ERROR')
@ray.remote(num_cpus=1)
def hold():
    while not os.path.exists('${end}'): time.sleep(0.1)
held = [hold.remote() for _ in range(2)]
while ray.available_resources().get('CPU', 0) > 0: time.sleep(0.1)
open('${began}', 'w').close()
ray.get(held)
"`
  const job = runJob(cluster.place, { entrypoint: busy }, 120_000)
  const { access } = await import('node:fs/promises')
  await until('all are taken', () =>
    access(began).then(
      () => true,
      () => false,
    ),
  )
  const ran = await tune({ patience: 3 })
  await folder.file('end', '')
  await job
  assert.equal(ran.errorCode, 'RAY_SHORT', ran.err)
  assert.match(ran.err, /A worker needs 1 CPU, and of the 2 nodes of Ray at \S+ none had that free for 3 s \(\d CPUs? short\)\./)
})
