/** The hosts of a cluster on Ray: asked for, told to run Node, used again for the next life of a worker, and let go. */
import type { Clock } from '../../../core/clock.ts'
import type { Json } from '../../../core/json.ts'
import type { Connection } from '../../../net/index.ts'
import type { WorkerHandle, WorkerSpec } from '../../engine.ts'
import { type FromManager, type HostHello, readFromHost } from './messages.ts'

export interface CrewOptions {
  readonly clock: Clock
  /** Of the nodes, as Node calls it; a host on another one is of no use. */
  readonly platform: string
  /** What is sent to a host for a worker to begin. */
  order(spec: WorkerSpec): { readonly [key: string]: Json }
  /** Asks for a host, or gives one back; nothing where there is no manager now. */
  ask(host: number): void
  drop(host: number): void
}

export interface Crew {
  launch(spec: WorkerSpec): WorkerHandle
  /** A host has called. */
  arrive(connection: Connection, hello: HostHello): void
  gone(message: Extract<FromManager, { kind: 'gone' }>): void
  /** Asks for all again that have no place: there is another manager. */
  askAgain(): void
  /** When a host was last asked for or came, on the clock's `elapsed`. */
  readonly moved: number
  /** Workers that have no place, and hosts there are. */
  readonly waiting: number
  readonly placed: number
  /** Says something to all hosts: who hears nothing for long takes the driver for gone. */
  greet(): void
  /** Ends what was launched and has no place, with the reason. */
  refuse(reason: string): void
  close(): void
}

interface Host {
  readonly number: number
  readonly node: string
  readonly connection: Connection
  launch: Launch | undefined
  /** Counts its launches. */
  begun: number
}

interface Launch {
  readonly spec: WorkerSpec
  readonly exit: PromiseWithResolvers<string>
  readonly placed: PromiseWithResolvers<void>
  host: Host | undefined
  pid: number | undefined
  memory: number | undefined
  free: number | undefined
  output: (text: string) => void
  life: () => void
}

export function createCrew({ clock, platform, order, ask, drop }: CrewOptions): Crew {
  const asked = new Map<number, Launch>()
  const hosts = new Map<number, Host>()
  const ended = new WeakSet<Launch>()
  let serial = 0
  const closing = new AbortController()
  const over = () => closing.signal.aborted
  let moved = clock.elapsed()

  const request = (launch: Launch) => {
    const number = serial++
    moved = clock.elapsed()
    asked.set(number, launch)
    ask(number)
  }
  const place = (host: Host, launch: Launch) => {
    Object.assign(launch, { host })
    host.launch = launch
    host.begun++
    launch.placed.resolve()
    host.connection.send({ kind: 'begin', ...order(launch.spec) })
  }
  const end = (launch: Launch, reason: string) => {
    launch.exit.resolve(reason)
    ended.add(launch)
    launch.memory = undefined
    launch.free = undefined
    const { host } = launch
    if (host?.launch === launch) {
      host.launch = undefined
      void rest(host)
    }
    for (const [number, waiting] of asked) {
      if (waiting !== launch) continue
      asked.delete(number)
      drop(number)
    }
  }
  /** One that does not do what it is told, or has nothing to do. The end of its connection may take a while. */
  const abandon = (host: Host, why: string) => {
    if (!hosts.delete(host.number)) return
    host.connection.close(why)
    drop(host.number)
    if (host.launch) end(host.launch, `its host on ${host.node} is gone (${why})`)
  }
  /** Its place is kept for the next life of a worker, and given back where there is none. */
  const rest = async (host: Host) => {
    const { begun } = host
    await clock.sleep(idle, closing.signal).catch(() => undefined)
    if (!over() && host.launch === undefined && host.begun === begun) abandon(host, 'it has nothing to do')
  }
  const hear = (host: Host, body: Json) => {
    const message = readFromHost(body)
    if (!message) return abandon(host, 'what it said is no message')
    const { launch } = host
    if (!launch) return
    if (message.kind === 'begun') launch.pid = message.pid
    else if (message.kind === 'output') launch.output(message.text)
    else if (message.kind === 'ended') end(launch, message.reason)
    else {
      launch.memory = message.memory ?? undefined
      launch.free = message.free ?? undefined
      launch.life()
    }
  }
  const signal = (launch: Launch, name: 'SIGTERM' | 'SIGKILL') => {
    if (!launch.host) return end(launch, 'it was ended before it had a place')
    if (launch.host.launch === launch) launch.host.connection.send({ kind: 'signal', name })
  }

  return {
    launch(spec) {
      const launch: Launch = {
        ...{ spec, exit: Promise.withResolvers<string>(), placed: Promise.withResolvers<void>() },
        ...{ host: undefined, pid: undefined, memory: undefined, free: undefined, output: () => undefined, life: () => undefined },
      }
      const free = [...hosts.values()].find((host) => host.launch === undefined)
      if (free) place(free, launch)
      else request(launch)
      return handleOf(launch)
    },
    arrive(connection, { host: number, node, platform: its }) {
      const launch = asked.get(number)
      if (!launch || over()) return connection.close('it is not needed any more')
      if (its !== platform) {
        connection.close('it is of no use')
        return end(
          launch,
          `the node ${node} is ${its}, and what was uploaded is for ${platform}: say so with the engine's option 'platform'`,
        )
      }
      asked.delete(number)
      moved = clock.elapsed()
      const host: Host = { number, node, connection, launch: undefined, begun: 0 }
      hosts.set(number, host)
      connection.onMessage(({ body }) => hear(host, body))
      void connection.closed.then((reason) => {
        if (hosts.get(number) === host) hosts.delete(number)
        if (host.launch) end(host.launch, `its host on ${node} is gone (${reason})`)
      })
      place(host, launch)
    },
    gone({ host: number, reason, failed }) {
      const launch = asked.get(number)
      const host = hosts.get(number)
      if (host) abandon(host, reason)
      if (!launch) return
      asked.delete(number)
      if (failed) return end(launch, reason)
      // Its node went before it was there: Ray gives another.
      const again = () => {
        if (!ended.has(launch) && !launch.host) request(launch)
      }
      void clock.sleep(pause, closing.signal).then(again, () => undefined)
    },
    askAgain() {
      for (const number of asked.keys()) ask(number)
    },
    get moved() {
      return moved
    },
    get waiting() {
      return asked.size
    },
    get placed() {
      return hosts.size
    },
    refuse(reason) {
      for (const launch of [...asked.values()]) end(launch, reason)
    },
    greet() {
      for (const { connection } of hosts.values()) connection.send({ kind: 'ping' })
    },
    close() {
      closing.abort(new Error('the cluster is closing'))
      for (const { connection } of hosts.values()) {
        connection.send({ kind: 'bye' })
        connection.close('the driver is done')
      }
    },
  }

  function handleOf(launch: Launch): WorkerHandle {
    return {
      get title() {
        return launch.host ? `process ${launch.pid ?? 'not begun'} on ${launch.host.node}` : 'it has no place yet'
      },
      exit: launch.exit.promise,
      placed: launch.placed.promise,
      get node() {
        return launch.host?.node
      },
      get free() {
        return launch.free
      },
      stop: () => signal(launch, 'SIGTERM'),
      kill() {
        signal(launch, 'SIGKILL')
        const { host } = launch
        const late = new AbortController()
        void launch.exit.promise.then(() => late.abort())
        const giveUp = () => {
          end(launch, 'SIGKILL')
          if (host) abandon(host, 'it did not end its worker')
        }
        void clock.sleep(patience, late.signal).then(giveUp, () => undefined)
      },
      memory: () => launch.memory,
      onOutput: (callback) => {
        launch.output = callback
      },
      onLife: (callback) => {
        launch.life = callback
      },
    }
  }
}

/** Milliseconds until a place is asked for again, and for a host to end Node. */
const pause = 1000
const patience = 2000
/** Milliseconds that a host waits for its next worker: longer than a cluster waits before it begins one. */
const idle = 4000
