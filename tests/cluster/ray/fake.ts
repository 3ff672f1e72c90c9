/** What answers at an address where Ray should: a server that plays its REST interface, or something else. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Fake extends AsyncDisposable {
  readonly address: string
  /** 'GET /api/version', in the order they came. */
  readonly calls: string[]
}

export interface FakeJob {
  readonly status: 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'STOPPED'
  readonly message?: string
  readonly logs?: string
}

export interface FakeOptions {
  readonly version?: string
  readonly token?: string
  /** How a job is, each time it is asked for; told what the job's TUTTI_RAY was. */
  readonly job?: (orders: { readonly address: string; readonly token: string }) => FakeJob | Promise<FakeJob>
}

export function fakeRay({ version = '2.60.0', token, job = () => ({ status: 'RUNNING' }) }: FakeOptions = {}): Promise<Fake> {
  const packages = new Set<string>()
  let orders = { address: '', token: '' }
  return serve(async (request) => {
    const { method = '', url = '' } = request
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) return [401, 'Unauthorized']
    if (url === '/api/version') return [200, { version: '4', ray_version: version, ray_commit: 'abc', session_name: 'session' }]
    if (url.startsWith('/api/packages/')) {
      if (method !== 'PUT') return packages.has(url) ? [200, ''] : [404, 'not found']
      packages.add(url)
      await bodyOf(request)
      return [200, '']
    }
    if (method === 'POST' && url === '/api/jobs/') {
      const said = JSON.parse(await bodyOf(request))
      orders = JSON.parse(said.runtime_env.env_vars.TUTTI_RAY)
      return [200, { submission_id: said.submission_id, job_id: said.submission_id }]
    }
    if (!url.startsWith('/api/jobs/')) return [404, '404: Not Found']
    if (url.endsWith('/stop')) return [200, { stopped: true }]
    const { status, message = null, logs = '' } = await job(orders)
    return url.endsWith('/logs') ? [200, { logs }] : [200, { status, message }]
  })
}

/** Answers everything the same way. */
export function serveText(text: string, status = 200): Promise<Fake> {
  return serve(async () => [status, text])
}

async function serve(answer: (request: IncomingMessage) => Promise<[status: number, body: unknown]>): Promise<Fake> {
  const calls: string[] = []
  const server = createServer(async (request, response) => {
    calls.push(`${request.method} ${request.url}`)
    const [status, body] = await answer(request)
    request.resume()
    response.statusCode = status
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
