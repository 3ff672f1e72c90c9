/** Options of the engine 'ray'. */
import { readFileSync } from 'node:fs'
import { fail, failBecause, messageOf } from '../../../core/errors.ts'
import { checkOptions } from '../../../core/registry.ts'
import { readPlace } from '../../../net/index.ts'

export interface RayOptions {
  /** Of Ray's dashboard, which serves the Jobs API: 'http://head:8265'. Default: $RAY_API_SERVER_ADDRESS, else http://127.0.0.1:8265. */
  readonly address?: string
  /** File with the token, where Ray runs with RAY_AUTH_MODE=token. Default: $RAY_AUTH_TOKEN, if there is one. */
  readonly tokenFile?: string
  /** Processors that each worker takes of its node. Default 1. */
  readonly cpusPerWorker?: number
  /** Bytes of memory that it takes, in Ray's books. */
  readonly memoryPerWorker?: number
  /** What else it takes, by Ray's names: `{ GPU: 1 }`. */
  readonly resources?: Readonly<Record<string, number>>
  /** HOST or HOST:PORT by which nodes reach this machine. Default: the address by which this machine reached Ray, at a free port. */
  readonly driverAddress?: string
  /** Encrypts what travels between nodes and this machine. Default false. */
  readonly tls?: boolean
  /** What Node is called on the nodes, or its path there. Default 'node'. */
  readonly node?: string
  /** What Python is called on the head. Default 'python'. */
  readonly python?: string
  /** Of the nodes, as Node calls it. Default 'linux-x64'. */
  readonly platform?: string
  /** Seconds to wait for the first worker's place, where there could be one; what no node could ever hold is refused sooner. Default 600. */
  readonly patience?: number
}

/** Of Node, as 'engines' of tutti's package.json has it: older ones do not run what workers are made of. */
export const leastNode = 24

export interface RaySettings extends Required<Omit<RayOptions, 'tokenFile' | 'driverAddress' | 'memoryPerWorker'>> {
  readonly token: string | undefined
  readonly memoryPerWorker: number | undefined
  readonly driver: { readonly host: string; readonly port: number } | undefined
}

const names = [
  ...['address', 'tokenFile', 'cpusPerWorker', 'memoryPerWorker', 'resources', 'driverAddress', 'tls', 'node', 'python', 'platform'],
  'patience',
]

/** @throws UNKNOWN_OPTION, BAD_OPTION, RAY_TOKEN_FILE */
export function raySettings(options: RayOptions): RaySettings {
  checkOptions('the engine ray', options, names)
  const { cpusPerWorker = 1, memoryPerWorker, resources = {}, patience = 600 } = options
  const bad = (name: string, value: unknown, want: string) => fail('BAD_OPTION', 'engine ray', name, value as never, want)
  if (!(Number.isFinite(cpusPerWorker) && cpusPerWorker >= 0)) throw bad('cpusPerWorker', cpusPerWorker, 'a number of at least 0')
  if (memoryPerWorker !== undefined && !(Number.isFinite(memoryPerWorker) && memoryPerWorker > 0))
    throw bad('memoryPerWorker', memoryPerWorker, 'a number of bytes')
  for (const [name, amount] of Object.entries(resources))
    if (!(Number.isFinite(amount) && amount > 0) || name === 'CPU' || name === 'memory')
      throw bad(
        'resources',
        `{"${name}":${amount}}`,
        'names with amounts above 0, such as {"GPU":1}; processors and memory have options of their own',
      )
  if (!(Number.isFinite(patience) && patience > 0)) throw bad('patience', patience, 'a number of seconds above 0')
  return {
    address: options.address ?? process.env.RAY_API_SERVER_ADDRESS ?? 'http://127.0.0.1:8265',
    token: options.tokenFile === undefined ? process.env.RAY_AUTH_TOKEN : readToken(options.tokenFile),
    ...{ cpusPerWorker, memoryPerWorker, resources, patience },
    driver: options.driverAddress === undefined ? undefined : hostAndPort(options.driverAddress),
    tls: options.tls ?? false,
    node: options.node ?? 'node',
    python: options.python ?? 'python',
    platform: options.platform ?? 'linux-x64',
  }
}

function readToken(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw failBecause(error, 'RAY_TOKEN_FILE', path, messageOf(error))
  }
  if (text === '' || /\s/.test(text)) throw fail('RAY_TOKEN_FILE', path, text === '' ? 'it is empty' : 'it holds more than one word')
  return text
}

function hostAndPort(text: string): { host: string; port: number } {
  const place = readPlace(text)
  if (!place) throw fail('BAD_OPTION', 'engine ray', 'driverAddress', text, "HOST or HOST:PORT, such as '10.0.0.5:4711'")
  return { host: place.host, port: place.port ?? 0 }
}
