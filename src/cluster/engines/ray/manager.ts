/** The one job that a cluster of workers is on Ray: submitted, waited for, and submitted again when it is lost. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../core/clock.ts'
import { fail, messageOf, TuttiError } from '../../../core/errors.ts'
import { fromText, type Json } from '../../../core/json.ts'
import type { Address, Connection } from '../../../net/index.ts'
import type { RayClient, RayJob } from './client.ts'
import { type FromManager, readFromManager } from './messages.ts'
import { entrypointOf, whyEnded } from './python.ts'

export interface ManagerOptions {
  readonly client: RayClient
  readonly clock: Clock
  readonly python: string
  readonly address: Address
  readonly token: string
  /** Of Ray's: what the job finds on its nodes. */
  readonly environment: RayJob['runtime_env']
  /** Uploads what is not there any more: Ray forgets packages that no job uses. */
  readonly upload: () => Promise<void>
  readonly onMessage: (message: FromManager) => void
  /** Called when there is one, also when there is another. */
  readonly onReady: () => void
  /** It cannot be had: RAY_JOB, RAY_DRIVER_UNREACHABLE, or what the client or `upload` threw. */
  readonly onFailure: (error: Error) => void
}

export interface Manager {
  arrive(connection: Connection): void
  send(message: Json): void
  /** Why there is none now, in words. */
  readonly trouble: string | undefined
  /** Resolves when the job has ended. */
  close(): Promise<void>
}

export function startManager(options: ManagerOptions): Manager {
  const { client, clock, python, address, token, environment, upload, onMessage, onReady, onFailure } = options
  const closing = new AbortController()
  let expected: PromiseWithResolvers<Connection> | undefined
  let connection: Connection | undefined
  let job: string | undefined
  let trouble: string | undefined = 'the job is being started'
  let wasReady = false

  const submit = async () => {
    await upload()
    closing.signal.throwIfAborted()
    const id = `tutti-${randomBytes(6).toString('hex')}`
    await client.submit({
      submission_id: id,
      entrypoint: entrypointOf(python, 'manager'),
      entrypoint_num_cpus: 0,
      runtime_env: { ...environment, env_vars: { TUTTI_RAY: JSON.stringify({ address, token }) } },
      metadata: { name: 'tutti' },
    })
    return id
  }
  /** Resolves with it, or throws why it did not call. */
  const call = async (id: string, arrived: Promise<Connection>): Promise<Connection> => {
    for (let waited = 0; ; waited += lookEvery) {
      const came = await Promise.race([arrived, clock.sleep(lookEvery, closing.signal).then(() => undefined)])
      if (came) return came
      const { status, message } = await client.status(id)
      if (status !== 'PENDING' && status !== 'RUNNING') throw await reasonOf(id, message)
      if (waited >= startTime) throw fail('RAY_JOB', client.address, id, `it did not call within ${startTime / 1000} s`)
    }
  }
  const reasonOf = async (id: string, message: string): Promise<Error> => {
    for (let tries = 0; ; tries++) {
      const log = await client.logs(id).catch(() => '')
      const failed = log.split('\n').flatMap((line) => (line.startsWith('{"tutti":') ? [failedOf(line)] : []))[0]
      if (failed) return fail('RAY_DRIVER_UNREACHABLE', address, failed)
      // It ends with that code when it has said why; of a job that has just ended Ray may not have the log yet.
      if (!/exit code 3\b/.test(message) || tries === 5) return fail('RAY_JOB', client.address, id, whyEnded(python, message, log))
      await clock.sleep(lookEvery, closing.signal)
    }
  }
  /** `said` is with what its connection ended. */
  const whyItWent = async (id: string, said: string): Promise<Error> => {
    for (let waited = 0; waited < farewell; waited += lookEvery) {
      const { status, message } = await client.status(id)
      if (status !== 'PENDING' && status !== 'RUNNING') return await reasonOf(id, message)
      await clock.sleep(lookEvery, closing.signal)
    }
    return fail('RAY_JOB', client.address, id, said)
  }

  const run = async () => {
    let short = 0
    for (let tries = 0; !closing.signal.aborted; ) {
      try {
        const arrived = Promise.withResolvers<Connection>()
        expected = arrived
        job = await submit()
        connection = await call(job, arrived.promise)
        const came = clock.elapsed()
        tries = 0
        trouble = undefined
        wasReady = true
        connection.onMessage(({ body }) => {
          const message = readFromManager(body)
          if (message) onMessage(message)
          else connection?.close('what it said is no message')
        })
        onReady()
        const reason = await connection.closed
        connection = undefined
        trouble = `its job ended (${reason})`
        short = clock.elapsed() - came < shortLife ? short + 1 : 0
        // One after the other went as soon as it had come: so would all others.
        if (short >= mostShort) {
          const why = await whyItWent(job, reason)
          closing.signal.throwIfAborted()
          return onFailure(why)
        }
      } catch (error) {
        connection = undefined
        if (closing.signal.aborted) return
        trouble = messageOf(error)
        // What never was is told at once. What was there once may come back: a head that is started again.
        const lasting = !(error instanceof TuttiError) || error.code !== 'RAY_UNREACHABLE'
        if (!wasReady || ++tries >= mostTries || (lasting && tries > 3)) return onFailure(error as Error)
        await clock.sleep(pause, closing.signal).catch(() => undefined)
      }
    }
  }
  const running = run()

  return {
    arrive(caller) {
      if (closing.signal.aborted) return caller.close('the driver is done')
      if (connection || expected === undefined) return caller.close('there is a manager already')
      expected.resolve(caller)
      expected = undefined
    },
    send(message) {
      connection?.send(message)
    },
    get trouble() {
      return trouble
    },
    async close() {
      const told = connection !== undefined
      connection?.send({ kind: 'bye' })
      connection?.close('the driver is done')
      closing.abort(new Error('the cluster is closing'))
      // Ray may be silent, and an upload long: who leaves does not wait for them.
      const late = new AbortController()
      const over = running.then(() => (job === undefined ? undefined : ended(job, told ? stopAfter : 0)))
      await Promise.race([over, clock.sleep(mostFarewell, late.signal).catch(() => undefined)])
      late.abort()
    },
  }

  /** Asked to stop where it does not end by itself. Who cannot be asked will notice that nobody is there. */
  async function ended(id: string, stopAfter: number): Promise<void> {
    try {
      for (let waited = 0; waited < farewell; waited += closeEvery) {
        if (!['PENDING', 'RUNNING'].includes((await client.status(id)).status)) return
        if (waited === stopAfter) await client.stop(id)
        await clock.sleep(closeEvery)
      }
    } catch {
      // Ray is gone, or does not answer: there is nothing to end.
    }
  }
}

function failedOf(line: string): string | undefined {
  try {
    const { tutti } = fromText(line) as { tutti?: { message?: unknown } }
    if (typeof tutti?.message !== 'string') return undefined
    return tutti.message
      .slice(0, 500)
      .replace(/^\[Errno -?\d+\] /, '')
      .replace(/\.$/, '')
  } catch {
    return undefined
  }
}

/** Milliseconds. */
const lookEvery = 300
const startTime = 120_000
const pause = 2000
const mostTries = 60
const shortLife = 10_000
const mostShort = 4
const closeEvery = 100
const stopAfter = 2000
const farewell = 4000
const mostFarewell = 5000
