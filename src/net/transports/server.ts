/** What servers on sockets have in common. */
import { once } from 'node:events'
import type { ListenOptions, Server } from 'node:net'

/** Workers of a large cluster call all at once. */
const backlog = 1024

export async function listening(server: Server, where: ListenOptions): Promise<void> {
  server.listen({ ...where, backlog })
  await once(server, 'listening')
}

/** No more callers; `close` itself would wait for those that were accepted to go. */
export function closed(server: Server): void {
  server.close()
  server.unref()
}
