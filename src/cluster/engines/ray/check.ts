/** Looks at every node of a Ray cluster before work is sent there: what a worker would find, and whether it could call this machine. */
import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import type { Clock } from '../../../core/clock.ts'
import { fail } from '../../../core/errors.ts'
import { fileOf, parcelOf } from '../../ship/parcel.ts'
import { type RayClient, rayClient } from './client.ts'
import { listeningFor } from './listening.ts'
import { type RayOptions, raySettings } from './options.ts'
import { entrypointOf, packageOf, pythonFiles, whyEnded } from './python.ts'
import type { Need } from './shortage.ts'

/** A node of the cluster, and what it said of itself. */
export interface CheckedNode {
  readonly address: string
  /** Whether it is the one that the job runs on. */
  readonly head: boolean
  /** By Ray's names: CPU, memory (bytes), GPU, ... */
  readonly total: Readonly<Record<string, number>>
  readonly free: Readonly<Record<string, number>>
  /** Absent where it did not answer. */
  readonly facts?: NodeFacts
  /** Why it did not, where that is known. */
  readonly trouble?: string
}

export type NodeFacts = v.InferOutput<typeof factsSchema>

export interface RayCheck {
  /** Of Ray's dashboard. */
  readonly address: string
  /** Of Ray, on the head. */
  readonly version: string
  /** Where nodes were told to call this machine. */
  readonly driver: string
  /** What each worker takes. */
  readonly need: Need
  /** Of what would be uploaded. */
  readonly platform: string
  /** What Node is called there. */
  readonly node: string
  readonly nodes: readonly CheckedNode[]
}

/**
 * Runs a probe on each node. It takes no processors, so nodes that are busy answer too, and what they find comes by the job's log, so
 * nodes that cannot reach this machine are heard as well. Nothing is waited for longer than a minute.
 *
 * @throws UNKNOWN_OPTION, BAD_OPTION, RAY_TOKEN_FILE, RAY_UNREACHABLE, RAY_NOT_RAY, RAY_TOKEN, RAY_VERSION, RAY_REFUSED; RAY_JOB where
 * Ray does not run the probes at all; NET_LISTEN
 */
export async function checkRay(options: RayOptions, { clock }: { readonly clock: Clock }): Promise<RayCheck> {
  const settings = raySettings(options)
  const { address, token, node, python, platform, cpusPerWorker, memoryPerWorker, resources } = settings
  const client = rayClient(address, token)
  const { version, local } = await client.version()
  // The port is opened as for workers, and they are told the same address.
  const secret = randomBytes(32).toString('hex')
  await using listener = await listeningFor(settings, local).listen({
    token: secret,
    limit: 2 ** 16,
    accept(connection, hello) {
      if (!v.is(helloSchema, hello)) return connection.close('it is no probe')
      connection.onMessage(({ body }) => connection.send(body))
    },
  })
  const files = [...pythonFiles()].map(([name, content]) => fileOf(name, content))
  const code = parcelOf('probe', files)
  const name = packageOf(code.hash)
  await client.upload(name, () => code.zip())
  const job = `tutti-check-${randomBytes(6).toString('hex')}`
  await client.submit({
    submission_id: job,
    entrypoint: entrypointOf(python, 'check'),
    entrypoint_num_cpus: 0,
    runtime_env: {
      working_dir: `gcs://${name}`,
      env_vars: { TUTTI_RAY: JSON.stringify({ address: listener.address, token: secret, node }) },
    },
    metadata: { name: 'tutti cluster check' },
  })
  const nodes = await findings(client, { job, python }, clock)
  const need = { CPU: cpusPerWorker, ...(memoryPerWorker !== undefined && { memory: memoryPerWorker }), ...resources }
  return { ...{ address, version, need, platform, node, nodes }, driver: listener.address.replace(/\/[0-9a-f]{64}$/, '') }
}

/** Read from the job's log until it is done, or for as long as anything is waited for. */
async function findings(client: RayClient, { job, python }: { job: string; python: string }, clock: Clock): Promise<CheckedNode[]> {
  const began = clock.elapsed()
  for (;;) {
    const { status, message } = await client.status(job)
    const over = status !== 'PENDING' && status !== 'RUNNING'
    const late = clock.elapsed() - began >= patience
    const log = status === 'PENDING' && !late ? '' : await client.logs(job).catch(() => '')
    const said = linesOf(log)
    if (over || late || said.some((line) => 'done' in line)) {
      if (!over) await client.stop(job).catch(() => undefined)
      const listed = said.find((line) => 'nodes' in line)
      if (listed) return listed.nodes.map((node) => answered(node, said))
      throw fail('RAY_JOB', client.address, job, late ? `it did not begin within ${patience / 1000} s` : whyEnded(python, message, log))
    }
    await clock.sleep(lookEvery)
  }
}

function answered({ id, ...node }: v.InferOutput<typeof nodeSchema>, said: readonly Line[]): CheckedNode {
  for (const line of said) {
    if ('facts' in line && line.id === id) return { ...node, facts: line.facts }
    if ('trouble' in line && line.id === id) return { ...node, trouble: line.trouble }
  }
  return node
}

const helloSchema = v.object({ role: v.literal('check') })
const text = v.pipe(v.string(), v.maxLength(10_000))
const number = v.pipe(v.number(), v.finite())
const amounts = v.record(v.string(), number)
const nodeSchema = v.object({ id: text, address: text, head: v.boolean(), total: amounts, free: amounts })
const factsSchema = v.object({
  host: text,
  ray: text,
  python: text,
  platform: text,
  node: v.union([v.object({ path: text, version: text }), v.object({ path: v.optional(text), why: text })]),
  processors: v.nullable(number),
  memory: v.object({ total: v.nullable(number), free: v.nullable(number) }),
  disk: v.object({ folder: text, total: number, free: number }),
  driver: v.union([v.object({ ms: number }), v.object({ why: text })]),
})
const lineSchema = v.union([
  v.object({ nodes: v.array(nodeSchema) }),
  v.object({ id: text, facts: factsSchema }),
  v.object({ id: text, trouble: text }),
  v.object({ done: v.literal(true) }),
])
type Line = v.InferOutput<typeof lineSchema>

/** What the job said, among what else is in its log. */
function linesOf(log: string): Line[] {
  return log.split('\n').flatMap((line) => {
    if (!line.startsWith('{"tuttiCheck":')) return []
    try {
      const read = v.safeParse(v.object({ tuttiCheck: lineSchema }), JSON.parse(line))
      return read.success ? [read.output.tuttiCheck] : []
    } catch {
      // It is being written.
      return []
    }
  })
}

/** Milliseconds. */
const lookEvery = 300
const patience = 45_000
