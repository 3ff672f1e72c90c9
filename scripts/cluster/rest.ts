/** Ray's REST interface, as far as it takes to see whether a cluster is there and to run a job. By node:http: Ray refuses what fetch sends. */
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Place {
  /** 'http://127.0.0.2:20123' */
  readonly address: string
  readonly token?: string
}

export interface Answer {
  readonly status: number
  readonly text: string
}

/** @throws Error when nobody answers within the time */
export function ask({ address, token }: Place, method: string, path: string, body?: unknown, patience = 10_000): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    }
    const call = request(new URL(path, address), { method, headers, agent: false, signal: AbortSignal.timeout(patience) }, (response) => {
      let answer = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (answer += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: answer }))
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end(text)
  })
}

export interface ListedNode {
  readonly ip: string
  readonly id: string
  readonly state: string
}

/** The nodes that Ray knows, dead ones too; undefined while it does not answer. */
export async function listNodes(place: Place): Promise<ListedNode[] | undefined> {
  try {
    const { status, text } = await ask(place, 'GET', '/nodes?view=summary', undefined, 3000)
    if (status !== 200) return undefined
    const { data } = JSON.parse(text) as { data: { summary: { raylet: { nodeId: string; nodeManagerAddress: string; state: string } }[] } }
    return data.summary.map(({ raylet }) => ({ ip: raylet.nodeManagerAddress, id: raylet.nodeId, state: raylet.state }))
  } catch {
    return undefined
  }
}

export interface Job {
  readonly entrypoint: string
  readonly cpus?: number
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs a job to its end and gives what it wrote. @throws Error with its last lines when it does not succeed */
export async function runJob(place: Place, { entrypoint, cpus = 0, environment = {} }: Job, patience = 600_000): Promise<string> {
  const order = { entrypoint, entrypoint_num_cpus: cpus, runtime_env: { env_vars: environment } }
  const { status, text } = await ask(place, 'POST', '/api/jobs/', order, 60_000)
  if (status !== 200) throw new Error(`Ray refused the job with ${status}: ${text.slice(0, 500)}`)
  const { submission_id: id } = JSON.parse(text) as { submission_id: string }
  const until = performance.now() + patience
  for (;;) {
    const { status: state, message } = JSON.parse((await ask(place, 'GET', `/api/jobs/${id}`)).text) as { status: string; message?: string }
    if (state === 'SUCCEEDED') return await logsOf(place, id)
    if (state === 'FAILED' || state === 'STOPPED')
      throw new Error(`the job ended as ${state}: ${message ?? ''}\n${(await logsOf(place, id)).split('\n').slice(-20).join('\n')}`)
    if (performance.now() > until) {
      await ask(place, 'POST', `/api/jobs/${id}/stop`)
      throw new Error(`the job was not done after ${Math.round(patience / 1000)} s`)
    }
    await sleep(200)
  }
}

async function logsOf(place: Place, id: string): Promise<string> {
  return (JSON.parse((await ask(place, 'GET', `/api/jobs/${id}/logs`)).text) as { logs: string }).logs
}
