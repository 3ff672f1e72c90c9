import { mkdtempSync, rmSync } from 'node:fs'
import { chmod, readdir, rm, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { realClock } from '../../core/clock.ts'
import { failBecause, messageOf } from '../../core/errors.ts'
import type { Transport } from '../connection.ts'
import { acceptSockets, dialSocket } from '../socket.ts'
import { closed, listening } from './server.ts'

/**
 * A Unix socket: between processes of one machine, for this user only. The socket is a file of mode 0600 in a new folder of
 * mode 0700, both removed when the listening ends.
 *
 * @example `const listener = await unix().listen({ token: 'secret', accept: (connection) => connection.send('welcome') })`
 */
export function unix(): Transport {
  return {
    name: 'unix',
    summary: 'a Unix socket, for processes of this machine and user',
    reach: 'machine',
    async listen(options) {
      const folder = makeFolder()
      await sweep(dirname(folder)).catch(() => undefined)
      const path = join(folder, 'socket')
      const server = createServer()
      const strangers = acceptSockets(server, options, () => `unix:${path}`)
      try {
        await listening(server, { path })
        await chmod(path, 0o600)
      } catch (error) {
        rmSync(folder, { recursive: true, force: true })
        throw failBecause(error, 'NET_LISTEN', `at '${path}'`, messageOf(error), advice)
      }
      return {
        address: `unix:${path}`,
        async [Symbol.asyncDispose]() {
          strangers.stop()
          closed(server)
          await rm(folder, { recursive: true, force: true })
        },
      }
    },
    dial: (address, options) => dialSocket(address, () => connect({ path: pathOf(address) }), options),
    leavesBehind: (address) => dirname(pathOf(address)),
  }
}

const prefix = 'tutti-socket-'
const advice = 'Set TMPDIR to a short path of a folder that can be written'
const pathOf = (address: string) => address.slice('unix:'.length)

function makeFolder(): string {
  const own = tmpdir()
  // The system's limit is 104 or 108 bytes, by system.
  const place = join(Buffer.byteLength(join(own, prefix, '123456/socket')) < 100 ? own : '/tmp', prefix)
  try {
    return mkdtempSync(place)
  } catch (error) {
    throw failBecause(error, 'NET_LISTEN', `at '${place}'`, messageOf(error), advice)
  }
}

/** Removes the folders of listeners that were killed together with all who knew of them: nobody answers there any more. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue
    const path = join(folder, name)
    try {
      if (realClock.now() - (await stat(path)).mtimeMs > quarantine && (await isDead(join(path, 'socket')))) {
        await rm(path, { recursive: true, force: true })
      }
    } catch {
      // Another user's, or gone in the meantime.
    }
  }
}

/** Whether it is a socket on which nobody listens, or was to become one when its maker was killed. */
async function isDead(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!found) return true
  if (!found.isSocket()) return false
  return await new Promise((resolve) => {
    const socket = connect(path)
    socket.on('connect', () => resolve(false))
    socket.on('error', (error) => resolve((error as NodeJS.ErrnoException).code === 'ECONNREFUSED'))
    socket.on('close', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

/** A younger one may be between its making and its first call. Milliseconds. */
const quarantine = 60_000
