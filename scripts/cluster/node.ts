/** One node of a cluster: a `ray start --block` in a session of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from './ports.ts'
import { alive, lookUp, markName, members, type Process } from './processes.ts'
import { ask, listNodes, type Place } from './rest.ts'
import type { NodeState } from './state.ts'
import { Trouble } from './trouble.ts'

/** What all nodes of a cluster share. */
export interface Family {
  /** Folder of Ray's programs. */
  readonly bin: string
  readonly mark: string
  /** In it each node has a folder of its own, as nodes on machines of their own have. */
  readonly temp: string
  readonly tokenFile?: string
}

export interface NodeOrder {
  readonly ip: string
  readonly cpus: number
  readonly log: string
  /** Of the first node: the ports of Ray's core and of its REST interface. Others: where the core is. */
  readonly role: { readonly core: number; readonly rest: number } | { readonly join: string }
}

/** Milliseconds a node may take to come up: seconds, and more than a minute was seen where other programs had the processors. */
const patience = 120_000

/** Is running, not up. It outlives this program. */
export async function spawnNode(family: Family, { ip, cpus, log, role }: NodeOrder): Promise<NodeState> {
  const [objects, raylet, listen, grpc, runtime, metrics, client, monitor, dashboard] = await freePorts(9)
  const head = 'core' in role
  // Names in it are those of sockets, which may have 107 bytes.
  const temp = join(family.temp, ip.split('.').at(-1) as string)
  mkdirSync(temp)
  const args = [
    ...['start', '--block', '--disable-usage-stats', '--log-style=record', '--log-color=false'],
    ...[`--node-ip-address=${ip}`, `--num-cpus=${cpus}`, '--object-store-memory=100000000', `--temp-dir=${temp}`],
    ...[`--object-manager-port=${objects}`, `--node-manager-port=${raylet}`, `--metrics-export-port=${metrics}`],
    ...[`--dashboard-agent-listen-port=${listen}`, `--dashboard-agent-grpc-port=${grpc}`, `--runtime-env-agent-port=${runtime}`],
    // Workers take what the system gives them: nodes with the same range would quarrel about it.
    ...['--min-worker-port=0', '--max-worker-port=0'],
    ...(head
      ? ['--head', `--port=${role.core}`, '--include-dashboard=true', `--dashboard-host=${ip}`, `--dashboard-port=${role.rest}`]
      : [`--address=${role.join}`]),
    ...(head ? [`--ray-client-server-port=${client}`] : []),
  ]
  const output = openSync(log, 'a')
  let child: ChildProcess
  try {
    child = spawn(join(family.bin, 'ray'), args, {
      detached: true,
      stdio: ['ignore', output, output],
      cwd: temp,
      env: { ...environment(family), TMPDIR: temp, AUTOSCALER_METRIC_PORT: String(monitor), DASHBOARD_METRIC_PORT: String(dashboard) },
    })
  } finally {
    closeSync(output)
  }
  child.unref()
  const failed = new Promise<Error>((resolve) => child.once('error', resolve))
  const seen = child.pid === undefined ? undefined : lookUp(child.pid)
  if (!seen) {
    const why = await Promise.race([failed, sleep(1000)])
    throw new Trouble(`The node ${ip} could not be started: ${why?.message ?? 'it ended at once'}.${lastLines(log)}`)
  }
  return { ip, cpus, log, pid: seen.pid, start: seen.start }
}

/** Waits until Ray has these nodes, and takes jobs. @throws Trouble when one does not come up within two minutes, or ends */
export async function untilUp(place: Place, mark: string, nodes: readonly NodeState[], signal?: AbortSignal): Promise<NodeState[]> {
  const began = performance.now()
  for (;;) {
    signal?.throwIfAborted()
    const gone = nodes.find((node) => !alive(node))
    if (gone) throw new Trouble(`The node ${gone.ip} ended before it was up.${lastLines(gone.log)}`)
    const listed = (await listNodes(place)) ?? []
    const up = nodes.map((node) => ({ ...node, id: listed.find(({ ip, state }) => ip === node.ip && state === 'ALIVE')?.id }))
    const missing = up.find(({ id }) => id === undefined)
    if (!missing && (await takesJobs(place))) return up.map((node) => ({ ...node, raylet: rayletOf(node, mark) }))
    if (performance.now() - began > patience) {
      const what = missing ? `The node ${missing.ip} did not come up` : `${place.address} did not take jobs`
      throw new Trouble(`${what} within ${patience / 1000} s.${lastLines((missing ?? nodes[0])?.log)}`)
    }
    await sleep(100)
  }
}

async function takesJobs(place: Place): Promise<boolean> {
  return await ask(place, 'GET', '/api/jobs/', undefined, 3000).then(
    ({ status }) => status === 200,
    () => false,
  )
}

function rayletOf(node: NodeState, mark: string): Process | undefined {
  const found = members({ mark, leaders: [node] }).find(({ session, name }) => session === node.pid && name === 'raylet')
  return found && { pid: found.pid, start: found.start }
}

function environment({ bin, mark, tokenFile }: Family): NodeJS.ProcessEnv {
  // Settings of another cluster, of npm or of a test runner are none of this one's.
  const inherited = Object.entries(process.env).filter(([key]) => !/^(ray_|npm_|node_test_context$)/i.test(key))
  return {
    ...Object.fromEntries(inherited),
    // `python` and `node` on the nodes are the ones of this installation and of this program.
    PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
    [markName]: mark,
    // A lost node is noticed in seconds.
    RAY_health_check_initial_delay_ms: '1000',
    RAY_health_check_period_ms: '1000',
    RAY_health_check_timeout_ms: '1000',
    RAY_health_check_failure_threshold: '3',
    // Said in both cases: unsaid, Ray wants a token wherever it finds one in the home folder.
    ...(tokenFile === undefined ? { RAY_AUTH_MODE: 'disabled' } : { RAY_AUTH_MODE: 'token', RAY_AUTH_TOKEN_PATH: tokenFile }),
  }
}

function lastLines(log: string | undefined): string {
  const text = log === undefined ? '' : readFileSync(log, 'utf8').trim()
  return text === '' ? '' : ` Its last lines (${log}):\n${text.split('\n').slice(-12).join('\n')}`
}
