/** Where on a network: hosts and ports, and how an address names them. */
import { BlockList, isIP, isIPv6 } from 'node:net'
import { fail } from '../core/errors.ts'
import { checkOptions } from '../core/registry.ts'
import type { Address } from './connection.ts'
import type { PlaceOptions } from './options.ts'

/** The host is a name or an IP address, without brackets. */
export interface Place {
  readonly host: string
  readonly port: number
}

/** Options that were checked. */
export interface Places {
  readonly bind: Place
  /** How far it goes that way. */
  readonly reach: 'machine' | 'network'
  /** What callers are told, once the port is known. */
  told(port: number): Place
}

/** @throws BAD_OPTION, UNKNOWN_OPTION */
export function readPlaces(what: string, options: PlaceOptions, others: readonly string[] = []): Places {
  checkOptions(what, options, ['host', 'port', 'advertise', ...others])
  const { host = loopback, port = 0, advertise } = options
  const own = readPlace(host)
  if (!own || own.port !== undefined) throw fail('BAD_OPTION', what, 'host', host, "a name or an IP address, as '0.0.0.0'")
  if (!isPort(port)) throw fail('BAD_OPTION', what, 'port', port, 'a whole number from 0 to 65535')
  const shown = advertise === undefined ? own : readPlace(advertise)
  if (!shown || shown.port === 0) throw fail('BAD_OPTION', what, 'advertise', advertise, "'HOST' or 'HOST:PORT', with IPv6 in brackets")
  return {
    bind: { host: own.host, port },
    reach: isOwn(own.host) ? 'machine' : 'network',
    told: (bound) => ({ host: shown.host, port: shown.port ?? bound }),
  }
}

/** 'HOST', 'HOST:PORT', '[IPv6]', '[IPv6]:PORT', or an IPv6 address alone; undefined for anything else. */
export function readPlace(text: string): { readonly host: string; readonly port: number | undefined } | undefined {
  if (isIPv6(text)) return { host: text, port: undefined }
  const [, inBrackets, name, digits] = /^(?:\[([^\]]*)\]|([^\s:/@?#[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = inBrackets ?? name
  const port = digits === undefined ? undefined : Number(digits)
  if (host === undefined || (inBrackets !== undefined && !isIPv6(inBrackets)) || (port !== undefined && !isPort(port))) return undefined
  return { host, port }
}

/** 'HOST:PORT', with an IPv6 address in brackets. */
export const writePlace = ({ host, port }: Place) => `${isIPv6(host) ? `[${host}]` : host}:${port}`

/**
 * Takes apart 'tcp:HOST:PORT', or 'tls:HOST:PORT/REST'.
 *
 * @param form how such an address looks, for people; with a '/' where it has a rest
 * @throws NET_ADDRESS
 */
export function readAddress(address: Address, form: string): Place & { readonly rest: string } {
  const [, text = '', rest] = /^[a-z]+:([^/]*)(?:\/(.*))?$/.exec(address) ?? []
  const place = readPlace(text)
  if (!place?.port || (rest !== undefined) !== form.includes('/'))
    throw fail('NET_ADDRESS', address, `It must be '${form}', with an IPv6 address in brackets`)
  return { host: place.host, port: place.port, rest: rest ?? '' }
}

/** Whether only this machine is behind an address or a name. */
export function isOwn(host: string): boolean {
  const kind = isIP(host)
  return kind === 0 ? host === 'localhost' : own.check(host, kind === 6 ? 'ipv6' : 'ipv4')
}

const loopback = '127.0.0.1'
const own = new BlockList()
own.addSubnet('127.0.0.0', 8)
own.addAddress('::1', 'ipv6')

const isPort = (port: number) => Number.isInteger(port) && port >= 0 && port < 2 ** 16
