/**
 * Ray clusters of several nodes on one host, for tests and benchmarks: addresses 127.0.0.2, .3, .4, ..., ports that were
 * free, each node with CPUs of its own in Ray's books (the processors are shared). Linux only: other systems have no such addresses.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { installRay } from './install.ts'
import { type NodeOrder, spawnNode, untilUp } from './node.ts'
import { freePorts, isFree } from './ports.ts'
import { alive, boot, endAll, killAll, lookUp, members, memoryOf, type Seen, send } from './processes.ts'
import { listNodes, type Place } from './rest.ts'
import { createState, kinOf, type NodeState, readState, removeState, type State, tempPrefix, writeState } from './state.ts'
import { Trouble } from './trouble.ts'

const cache = join(import.meta.dirname, '../../.cache')

export interface ClusterOptions {
  /** Default 3. */
  readonly nodes?: number
  /** Of each node, default 1. */
  readonly cpus?: number
  /** Whether Ray wants a token: a random one, in a file of mode 0600. */
  readonly token?: boolean
  /** Of the REST interface; default any that is free. */
  readonly port?: number
  /** Where its record and its logs are. Default one of its own in the project's cache. */
  readonly folder?: string
  /** Whether it stays when this program ends. */
  readonly stays?: boolean
  readonly signal?: AbortSignal
  /** Tells how it goes. */
  progress?(text: string): void
}

export interface ClusterNode {
  readonly ip: string
  readonly cpus: number
  /** Of its `ray start`. */
  readonly pid: number
  /** Of its raylet. */
  readonly raylet: number | undefined
  /** Ray's name of it. */
  readonly id: string
  readonly log: string
}

export interface RunningCluster extends AsyncDisposable {
  /** Of Ray's REST interface: 'http://127.0.0.2:20123'. */
  readonly address: string
  readonly tokenFile: string | undefined
  readonly token: string | undefined
  /** Address and token. */
  readonly place: Place
  readonly folder: string
  /** Of Ray's interpreter, that of the nodes. */
  readonly python: string
  /** In the order they were added, killed ones too. */
  readonly nodes: readonly ClusterNode[]
  /** Gives it when it is up. @throws Trouble when it does not come up within two minutes */
  addNode(cpus?: number): Promise<ClusterNode>
  /** Sends a signal to a node's raylet, SIGKILL unless told. What was on the node ends with it, by Ray's own rules. */
  killNode(index: number, signal?: NodeJS.Signals): void
  /** All that it consists of now, with what runs on it. */
  processes(): readonly Seen[]
  /** Bytes of memory that they hold, what they share counted once. */
  memory(): number
  /** Ends all that was started, also what its jobs started; gives how many processes that were. */
  stop(): Promise<number>
}

/**
 * Installs Ray where it is not yet, and starts a cluster. It ends with `await using`, with `stop()`, or with the program.
 *
 * @throws Trouble with a sentence when it cannot be started; nothing of it is left then
 * @example
 * await using cluster = await startCluster({ nodes: 2 })
 * console.log(cluster.address)
 */
export async function startCluster(options: ClusterOptions = {}): Promise<RunningCluster> {
  const { nodes: count = 3, cpus = 1, token: secret = false, port, stays = false, signal, progress = () => {} } = options
  if (process.platform !== 'linux') throw new Trouble(`Several nodes on one host need Linux: ${process.platform} has no address 127.0.0.2.`)
  if (!(Number.isInteger(count) && count >= 1 && count <= 100)) throw new Trouble(`A cluster has 1 to 100 nodes, not ${count}.`)
  if (!(Number.isInteger(cpus) && cpus >= 0)) throw new Trouble(`A node has 0, 1, 2, ... CPUs, not ${cpus}.`)
  const folder = resolve(options.folder ?? join(cache, 'ray-clusters', randomUUID().slice(0, 8)))
  const { bin, python } = await installRay(progress)
  if (port !== undefined && !(await isFree(port)))
    throw new Trouble(`Port ${port} is taken by another program. Leave --port away and one that is free is taken, or end that program.`)

  const self = lookUp(process.pid)
  const temp = mkdtempSync(join(tmpdir().length > 30 ? '/tmp' : tmpdir(), tempPrefix))
  const tokenFile = secret ? join(folder, 'token') : undefined
  let state: State = {
    ...{ version: 1, mark: randomUUID(), boot: boot(), temp, tokenFile, ready: false, nodes: [] },
    starter: { pid: process.pid, start: self?.start ?? '' },
  }
  try {
    createState(folder, state)
  } catch (error) {
    rmSync(temp, { recursive: true })
    throw error
  }
  const save = (change: Partial<State>) => {
    state = { ...state, ...change }
    writeState(folder, state)
  }
  const forget = stays
    ? () => {}
    : endWithUs(() => {
        killAll(kinOf(state))
        removeState(folder, state)
      })
  let ending: Promise<number> | undefined
  const stop = () =>
    (ending ??= endAll(kinOf(state)).then((ended) => {
      forget()
      removeState(folder, state)
      return ended
    }))

  try {
    const token = tokenFile === undefined ? undefined : newToken(tokenFile)
    const [core, rest = 0] = await freePorts(2)
    const head = '127.0.0.2'
    const place: Place = { address: `http://${head}:${port ?? rest}`, ...(token === undefined ? {} : { token }) }
    save({ core: `${head}:${core}`, address: place.address })
    const family = { bin, mark: state.mark, temp, ...(tokenFile === undefined ? {} : { tokenFile }) }
    // One after another: each has the address after that of the one before.
    let turn: Promise<unknown> = Promise.resolve()
    const begin = (role: NodeOrder['role'], size: number): Promise<NodeState> => {
      const node = turn.then(async () => {
        const index = state.nodes.length
        const begun = await spawnNode(family, { ip: `127.0.0.${index + 2}`, cpus: size, log: join(folder, `node-${index + 1}.log`), role })
        save({ nodes: [...state.nodes, begun] })
        return begun
      })
      turn = node.catch(() => undefined)
      return node
    }
    const know = (up: readonly NodeState[]) =>
      save({ nodes: state.nodes.map((node) => up.find(({ pid, start }) => pid === node.pid && start === node.start) ?? node) })

    progress(`Starting ${count} Ray ${count === 1 ? 'node' : 'nodes'} of ${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}.`)
    await begin({ core: core as number, rest: port ?? rest }, cpus)
    for (let more = 1; more < count; more++) await begin({ join: state.core as string }, cpus)
    know(await untilUp(place, state.mark, state.nodes, signal))
    save({ ready: true })

    return {
      ...{ address: place.address, tokenFile, token, place, folder, python },
      get nodes() {
        return state.nodes.map(publicNode)
      },
      async addNode(size = cpus) {
        const [node] = await untilUp(place, state.mark, [await begin({ join: state.core as string }, size)], signal)
        know([node as NodeState])
        return publicNode(node as NodeState)
      },
      killNode(index, how = 'SIGKILL') {
        const node = state.nodes[index]
        if (!node?.raylet) throw new Error(`there is no node ${index} with a raylet`)
        send(node.raylet, how)
      },
      processes: () => members(kinOf(state)),
      memory: () => memoryOf(members(kinOf(state))),
      stop,
      async [Symbol.asyncDispose]() {
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What is there: nothing, a cluster that answers with all its nodes, one that is being started, or the remains of one. */
export type Found =
  | { readonly is: 'nothing' }
  | { readonly is: 'running' | 'starting' | 'broken'; readonly state: State; readonly alive: number }

export async function findCluster(folder: string): Promise<Found> {
  const state = readState(folder)
  if (!state) return { is: 'nothing' }
  if (state.boot !== boot()) return { is: 'broken', state, alive: 0 }
  if (!state.ready) return { is: alive(state.starter) ? 'starting' : 'broken', state, alive: 0 }
  const token = state.tokenFile === undefined ? undefined : tokenIn(state.tokenFile)
  const listed = await listNodes({ address: state.address as string, ...(token === undefined ? {} : { token }) })
  const up = state.nodes.filter((node) => listed?.some(({ id, state: now }) => id === node.id && now === 'ALIVE')).length
  return { is: up === state.nodes.length ? 'running' : 'broken', state, alive: up }
}

/** Ends what is recorded in a folder, whatever is left of it; undefined where nothing is recorded. */
export async function endCluster(folder: string): Promise<number | undefined> {
  const state = readState(folder)
  if (!state) return undefined
  // One that is being started would go on adding nodes.
  if (!state.ready && state.starter.pid !== process.pid && state.boot === boot()) send(state.starter, 'SIGKILL')
  const ended = await endAll(kinOf(readState(folder) ?? state))
  removeState(folder, readState(folder) ?? state)
  return ended
}

/** Calls back at the end of this program, however it comes but by SIGKILL. Gives how to forget about it. */
function endWithUs(end: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const onSignal = (signal: NodeJS.Signals) => {
    end()
    forget()
    // Without others that care for it the signal does what it does.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  }
  const forget = () => {
    process.off('exit', end)
    for (const signal of signals) process.off(signal, onSignal)
  }
  process.on('exit', end)
  for (const signal of signals) process.on(signal, onSignal)
  return forget
}

function publicNode({ ip, cpus, pid, raylet, id, log }: NodeState): ClusterNode {
  return { ip, cpus, pid, raylet: raylet?.pid, id: id ?? '', log }
}

function newToken(file: string): string {
  const token = randomBytes(32).toString('hex')
  mkdirSync(resolve(file, '..'), { recursive: true })
  writeFileSync(file, token, { mode: 0o600 })
  chmodSync(file, 0o600)
  return token
}

function tokenIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}
