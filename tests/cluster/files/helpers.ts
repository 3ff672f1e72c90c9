/** A driver with files, and a node that does not see them: on the node the driver's folder has another name. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileServer, type Placing, type PlacingOptions, placing } from '../../../src/cluster/files/index.ts'
import { type Clock, realClock } from '../../../src/core/clock.ts'
import type { Json } from '../../../src/core/json.ts'
import { type Connection, type Message, memory, type Transport, unix } from '../../../src/net/index.ts'

const token = 'a token for files'
/** What the node calls the driver's folder. */
export const elsewhere = '/driver-of-the-test'

export interface Meddling {
  /** Sees, and may change, what the worker hears; undefined cuts the line. */
  readonly hear?: (message: Message) => Message | undefined
}

export interface Scene extends AsyncDisposable {
  /** The driver's folder, as it really is. */
  readonly there: string
  /** The node's cache. */
  readonly cache: string
  readonly address: string
  /** Contents that were asked for, one entry a request. */
  readonly gets: string[]
  readonly looks: string[]
  /** Connections as the driver has them. */
  readonly served: Connection[]
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>
  dial(meddling?: Meddling): Promise<Connection>
  worker(options?: Partial<PlacingOptions> & Meddling): Placing
}

export async function scene(options: { transport?: Transport; clock?: Clock; roots?: (there: string) => string[] } = {}): Promise<Scene> {
  const { transport = memory(), clock = realClock } = options
  const base = await mkdtemp(join(tmpdir(), 'tutti-files-'))
  const [there, cache] = [join(base, 'driver'), join(base, 'cache')]
  await mkdir(there)
  const server = fileServer({ roots: options.roots?.(there) ?? [there], clock, sums: join(base, 'sums') })
  const served: Connection[] = []
  const listener = await transport.listen({
    token,
    accept: (connection) => {
      served.push(connection)
      server.serve(connection)
    },
  })
  const gets: string[] = []
  const looks: string[] = []
  const workers: Placing[] = []
  const made: Scene = {
    there,
    cache,
    address: listener.address,
    gets,
    looks,
    served,
    async write(files) {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(there, name)), { recursive: true })
        await writeFile(join(there, name), content)
      }
    },
    dial: async (meddling) =>
      through(await transport.dial(listener.address, { token, hello: { role: 'files' } }), there, { gets, looks }, meddling),
    worker(worker = {}) {
      const own = placing({ dial: () => made.dial(worker), cache, roots: [elsewhere], clock, ...worker })
      workers.push(own)
      return own
    },
    async [Symbol.asyncDispose]() {
      for (const worker of workers) await worker[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      await listener[Symbol.asyncDispose]()
      await rm(base, { recursive: true, force: true })
    },
  }
  return made
}

/** For a process of its own. */
export async function dialFrom(address: string, there: string): Promise<Connection> {
  return through(await unix().dial(address, { token, hello: { role: 'files' } }), there, { gets: [], looks: [] })
}

/** All files under a folder, by name, and empty folders with a '/' after theirs. */
export async function contents(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(folder.length + 1)
    if (entry.isFile()) found[name] = (await readFile(path)).toString('latin1')
    else if (entry.isDirectory() && (await readdir(path)).length === 0) found[`${name}/`] = ''
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function through(connection: Connection, there: string, seen: { gets: string[]; looks: string[] }, { hear }: Meddling = {}): Connection {
  return {
    peer: connection.peer,
    get pending() {
      return connection.pending
    },
    closed: connection.closed,
    close: (reason) => connection.close(reason),
    send(body, bytes) {
      const said: { ask?: string; path?: string; sha256?: string } = Object(body)
      if (said.ask === 'get') seen.gets.push(said.sha256 as string)
      if (said.ask === 'look') seen.looks.push(said.path as string)
      const path = `${said.path}`.replace(elsewhere, there)
      connection.send(said.ask === 'look' && typeof said.path === 'string' ? ({ ...said, path } as Json) : body, bytes)
    },
    onMessage: (receive) =>
      connection.onMessage((message) => {
        const heard = hear === undefined ? message : hear(message)
        if (heard === undefined) connection.close('cut by the test')
        else receive(heard)
      }),
  }
}
