import { connect, createServer } from 'node:net'
import type { Transport } from '../connection.ts'
import type { PlaceOptions } from '../options.ts'
import { readAddress, readPlaces, writePlace } from '../place.ts'
import { acceptSockets, dialSocket } from '../socket.ts'
import { closed, listeningAt, peerOf } from './server.ts'

/**
 * TCP, on the loopback where nothing else is said: between processes of one machine, also where there are no Unix sockets; with
 * `host`, between machines. Who does not know the token gets nowhere, but what travels is not encrypted: whoever can read the
 * network reads it, and can change it.
 *
 * @example `tcp({ host: '0.0.0.0', port: 4711, advertise: 'driver.example' })` tells callers 'tcp:driver.example:4711'
 */
export function tcp(options: PlaceOptions = {}): Transport {
  const { bind, reach, told } = readPlaces('the transport tcp', options)
  return {
    name: 'tcp',
    summary: 'TCP, not encrypted: on the loopback, or between machines',
    reach,
    async listen(listen) {
      const server = createServer()
      const strangers = acceptSockets(server, listen, peerOf)
      const port = await listeningAt(server, bind)
      return {
        address: `tcp:${writePlace(told(port))}`,
        async [Symbol.asyncDispose]() {
          strangers.stop()
          closed(server)
        },
      }
    },
    async dial(address, dial) {
      const { host, port } = readAddress(address, 'tcp:HOST:PORT')
      return await dialSocket(address, () => connect({ host, port }), dial)
    },
  }
}
