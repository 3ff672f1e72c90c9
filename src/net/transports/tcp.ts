import { type AddressInfo, createServer } from 'node:net'
import { failBecause, messageOf } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Transport } from '../connection.ts'
import { acceptSockets, dialSocket } from '../socket.ts'
import { closed, listening } from './server.ts'

/**
 * TCP on the loopback: between processes of one machine, also where there are no Unix sockets. What travels is not encrypted.
 * `port` 0, the default, takes any that is free.
 */
export function tcp(options: { readonly port?: number } = {}): Transport {
  checkOptions('the transport tcp', options, ['port'])
  const { port = 0 } = options
  return {
    name: 'tcp',
    summary: 'TCP on the loopback, for processes of this machine',
    reach: 'machine',
    async listen(listen) {
      const server = createServer()
      const strangers = acceptSockets(server, listen, (socket) => `${socket.remoteAddress}:${socket.remotePort}`)
      try {
        await listening(server, { host: loopback, port })
      } catch (error) {
        throw failBecause(error, 'NET_LISTEN', `at ${loopback}:${port}`, messageOf(error))
      }
      return {
        address: `tcp:${loopback}:${(server.address() as AddressInfo).port}`,
        async [Symbol.asyncDispose]() {
          strangers.stop()
          closed(server)
        },
      }
    },
    dial(address, dial) {
      const [, host = loopback, at = '0'] = address.split(':')
      return dialSocket(address, { host, port: Number(at) }, dial)
    },
  }
}

const loopback = '127.0.0.1'
