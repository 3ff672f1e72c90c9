/**
 * Ray's Jobs REST API. Over `node:http(s)`: Ray answers 405 to whatever carries `Sec-Fetch-Mode`, which Node's fetch always sends.
 */
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import * as v from 'valibot'
import { fail, failBecause, messageOf } from '../../../core/errors.ts'

export interface RayClient {
  readonly address: string
  /** Ray's version, and the address by which this machine reached it. @throws RAY_UNREACHABLE, RAY_NOT_RAY, RAY_TOKEN, RAY_VERSION */
  version(): Promise<{ readonly version: string; readonly local: string }>
  /** Uploads a package, if it is not there. Whether it was not. */
  upload(name: string, zip: () => Promise<Uint8Array>): Promise<boolean>
  submit(job: RayJob): Promise<void>
  status(job: string): Promise<RayJobStatus>
  logs(job: string): Promise<string>
  stop(job: string): Promise<void>
}

/** As Ray has it. */
export interface RayJob {
  readonly submission_id: string
  readonly entrypoint: string
  readonly entrypoint_num_cpus: number
  readonly runtime_env: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, string>>
}

export interface RayJobStatus {
  readonly status: 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'STOPPED'
  readonly message: string
}

/** The oldest that these calls were tried with is newer; older ones lack some of them. */
const oldest = [2, 10] as const
/** Milliseconds. An upload may take longer. */
const patience = 15_000
const mostAnswer = 64 * 2 ** 20

export function rayClient(address: string, token?: string): RayClient {
  const base = baseOf(address)
  const call = async (method: string, path: string, body?: string | Uint8Array): Promise<Answer> => {
    const answer = await send(base, method, path, body, token).catch((error) => {
      throw failBecause(error, 'RAY_UNREACHABLE', address, messageOf(error))
    })
    if (answer.status === 401 || answer.status === 403) throw fail('RAY_TOKEN', address, token !== undefined)
    return answer
  }
  const json = async <S extends v.GenericSchema>(schema: S, method: string, path: string, body?: string): Promise<v.InferOutput<S>> => {
    const answer = await call(method, path, body)
    if (answer.status >= 400) throw fail('RAY_REFUSED', address, `${method} ${path}`, answer.status, lastLine(answer.text))
    const read = v.safeParse(schema, parsed(answer.text))
    if (!read.success) throw fail('RAY_NOT_RAY', address)
    return read.output
  }
  return {
    address,
    async version() {
      const answer = await call('GET', '/api/version')
      const read = v.safeParse(versionSchema, answer.status === 200 ? parsed(answer.text) : undefined)
      if (!read.success) throw fail('RAY_NOT_RAY', address)
      const { ray_version: version } = read.output
      const [major = 0, minor = 0] = version.split('.').map(Number)
      if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) throw fail('RAY_VERSION', address, version, oldest.join('.'))
      return { version, local: answer.local }
    },
    async upload(name, zip) {
      const path = `/api/packages/gcs/${name}`
      if ((await call('GET', path)).status === 200) return false
      const { status, text } = await call('PUT', path, await zip())
      if (status >= 400) throw fail('RAY_REFUSED', address, `PUT ${path}`, status, lastLine(text))
      return true
    },
    async submit(job) {
      await json(v.object({ submission_id: v.string() }), 'POST', '/api/jobs/', JSON.stringify(job))
    },
    status: (job) => json(statusSchema, 'GET', `/api/jobs/${job}`),
    logs: async (job) => (await json(v.object({ logs: v.string() }), 'GET', `/api/jobs/${job}/logs`)).logs,
    async stop(job) {
      await call('POST', `/api/jobs/${job}/stop`)
    },
  }
}

const versionSchema = v.object({ ray_version: v.string() })
const statusSchema = v.object({
  status: v.picklist(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'STOPPED']),
  message: v.pipe(
    v.nullish(v.string(), ''),
    // The log is asked for by itself.
    v.transform((text) => (text ?? '').replace(/, last available logs \(.*?\):/, '')),
  ),
})

interface Answer {
  readonly status: number
  readonly text: string
  /** The address of this side of the connection. */
  readonly local: string
}

/** @throws BAD_OPTION */
function baseOf(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '')
    throw fail('BAD_OPTION', 'engine ray', 'address', address, "the address of Ray's dashboard, such as 'http://head:8265'")
  return url
}

function send(base: URL, method: string, path: string, body: string | Uint8Array | undefined, token: string | undefined): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const options: RequestOptions = {
    method,
    timeout: body instanceof Uint8Array ? 10 * patience : patience,
    headers: {
      ...(typeof body === 'string' && { 'content-type': 'application/json' }),
      ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  }
  const url = new URL(base.pathname.replace(/\/$/, '') + path, base)
  const request = url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options)
  request.on('timeout', () => request.destroy(new Error(`no answer within ${(options.timeout as number) / 1000} s`)))
  request.on('error', (error) => reject(error))
  request.on('response', (response: IncomingMessage) => {
    const local = response.socket.localAddress ?? '127.0.0.1'
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > mostAnswer) request.destroy(new Error('its answer is too large'))
      // Of packages only whether they are there is asked.
      else if (!path.startsWith('/api/packages')) chunks.push(chunk)
    })
    response.on('error', reject)
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), local }))
  })
  request.end(body)
  return promise
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Of a traceback, which Ray answers with, the one that says what it was. */
function lastLine(text: string): string {
  return (text.trim().split('\n').at(-1) ?? '').slice(0, 300)
}
