/** Calls whoever listens at an address, by the transport that its beginning names. */
import { fail } from '../core/errors.ts'
import { build } from '../core/registry.ts'
import type { Address, Connection, DialOptions, Transport } from './connection.ts'
import * as transports from './transports/index.ts'

/** @throws NET_ADDRESS, NET_UNREACHABLE, NET_REFUSED, NET_VERSION */
export async function dial(address: Address, options: DialOptions): Promise<Connection> {
  return await transportOf(address).dial(address, options)
}

/** The transport that an address belongs to. @throws NET_ADDRESS */
export function transportOf(address: Address): Transport {
  const name = address.slice(0, Math.max(0, address.indexOf(':')))
  const known = `Addresses begin with ${Object.keys(transports)
    .map((name) => `'${name}:'`)
    .join(' or ')}`
  if (!Object.hasOwn(transports, name)) throw fail('NET_ADDRESS', address, known)
  return build<Transport>('transport', transports, { kind: name })
}
