import { mkdtempSync, rmSync } from 'node:fs'
import { chmod, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
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
      const path = join(folder, 'socket')
      const server = createServer()
      const strangers = acceptSockets(server, options, () => `unix:${path}`)
      try {
        await listening(server, { path })
        await chmod(path, 0o600)
      } catch (error) {
        rmSync(folder, { recursive: true, force: true })
        throw failBecause(error, 'NET_LISTEN', `at '${path}'`, messageOf(error))
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
    dial: (address, options) => dialSocket(address, { path: pathOf(address) }, options),
    leavesBehind: (address) => dirname(pathOf(address)),
  }
}

const prefix = 'tutti-socket-'
const pathOf = (address: string) => address.slice('unix:'.length)

function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), prefix))
}
