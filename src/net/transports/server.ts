/** What servers on sockets have in common. */
import { once } from 'node:events'
import type { AddressInfo, ListenOptions, Server, Socket } from 'node:net'
import { failBecause, messageOf } from '../../core/errors.ts'
import { type Place, writePlace } from '../place.ts'

/** Workers of a large cluster call all at once. */
const backlog = 1024

export async function listening(server: Server, where: ListenOptions): Promise<void> {
  server.listen({ ...where, backlog })
  await once(server, 'listening')
}

/** Listens at a place of the network. @returns the port that was taken @throws NET_LISTEN */
export async function listeningAt(server: Server, where: Place): Promise<number> {
  try {
    await listening(server, where)
  } catch (error) {
    throw failBecause(error, 'NET_LISTEN', `at ${writePlace(where)}`, messageOf(error), 'Choose an address of this machine and a free port')
  }
  return (server.address() as AddressInfo).port
}

/** Who called, for people. */
export const peerOf = ({ remoteAddress = 'somebody', remotePort = 0 }: Socket) => writePlace({ host: remoteAddress, port: remotePort })

/** No more callers; `close` itself would wait for those that were accepted to go. */
export function closed(server: Server): void {
  server.close()
  server.unref()
}
