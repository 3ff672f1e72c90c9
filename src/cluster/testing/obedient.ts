/** A worker program for tests: does what it is told, however bad that is. */
import { writeFileSync } from 'node:fs'
import type { WorkerProgram } from '../engine.ts'

export type Order =
  | { readonly do: 'answer' }
  /** Holds the thread for so many milliseconds, then answers. */
  | { readonly do: 'compute'; readonly for: number }
  | { readonly do: 'print'; readonly text: string }
  | { readonly do: 'throw' | 'throw later' | 'return' | 'freeze' | 'hoard' }
  | { readonly do: 'exit'; readonly code: number }

export interface ObedientOptions {
  /** Ranks that fail before they say a word. */
  readonly failing?: readonly number[]
  /** Whether to throw the signal's reason when asked to go, as what is cancelled does. */
  readonly abort?: boolean
  /** A file to write some time after being asked to go. */
  readonly save?: string
}

export interface Answer {
  readonly rank: number
  readonly generation: number
  readonly options: ObedientOptions
}

const obedient: WorkerProgram = async (connection, host) => {
  const options = host.options as ObedientOptions
  if (options.failing?.includes(host.rank)) throw new Error(`rank ${host.rank} was made to fail`)
  const answer = () => connection.send({ rank: host.rank, generation: host.generation, options: host.options })
  const { promise: end, resolve, reject } = Promise.withResolvers<void>()
  connection.onMessage(({ body }) => {
    const order = body as unknown as Order
    switch (order.do) {
      case 'answer':
        return answer()
      case 'compute': {
        const until = host.clock.elapsed() + order.for
        while (host.clock.elapsed() < until);
        return answer()
      }
      case 'print':
        process.stdout.write(order.text)
        return answer()
      case 'throw':
        return reject(new TypeError('it was told to throw'))
      case 'throw later':
        return void setTimeout(() => {
          throw new TypeError('it was told to throw later')
        })
      case 'return':
        return resolve()
      case 'freeze':
        return void process.kill(process.pid, 'SIGSTOP')
      case 'hoard':
        for (const hoard: unknown[] = []; ; ) hoard.push(new Array(1000).fill({}))
      case 'exit':
        process.exit(order.code)
    }
  })
  answer()
  await Promise.race([end, connection.closed])
  if (options.abort) host.signal.throwIfAborted()
  if (options.save !== undefined && host.signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    writeFileSync(options.save, `${host.rank}`)
  }
}

export default obedient
