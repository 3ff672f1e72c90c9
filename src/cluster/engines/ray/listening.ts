/** Where the driver listens for what runs on Ray's nodes. */
import { networkInterfaces } from 'node:os'
import { type Transport, tcp, tls } from '../../../net/index.ts'
import type { RaySettings } from './options.ts'

/**
 * At the address that nodes were told or, where none was, the one by which this machine reached Ray (`local`). One that is not this
 * machine's own leads here through something between: then it listens at all of its own.
 */
export function listeningFor({ tls: encrypted, driver }: RaySettings, local: string): Transport {
  const listen = encrypted ? tls : tcp
  if (!driver) return listen({ host: local })
  const own = isOwn(driver.host)
  return listen({ host: own ? driver.host : '0.0.0.0', port: driver.port, ...(!own && { advertise: driver.host }) })
}

function isOwn(host: string): boolean {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? [])
  return host === 'localhost' || host.startsWith('127.') || addresses.includes(host)
}
