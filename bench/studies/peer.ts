/** Optuna as a long-lived child process that speaks JSON lines (`optuna_peer.py`). */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { python } from '../lib/programs.ts'

export interface Optuna {
  /** 'Optuna 5.0.0' */
  readonly version: string
  /** The lines that a request is answered with, as they come. @throws Error with what went wrong there */
  ask<T>(request: object): AsyncIterable<T>
  close(): Promise<void>
}

/** Or the reason why it is not there. One thread, as its guide advises where torch and numpy would fight over the cores. */
export async function startOptuna(): Promise<Optuna | { readonly reason: string }> {
  if (!existsSync(python)) return { reason: 'npm run bench:peers was not run' }
  const child = spawn(python, [join(import.meta.dirname, 'optuna_peer.py')], { env: { ...process.env, OMP_NUM_THREADS: '1' } })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk).slice(-2000)))
  child.stdin.on('error', () => undefined)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`Optuna's process ended. ${errors.trim().split('\n').slice(-2).join(' | ')}`)
    return JSON.parse(value as string) as { readonly error?: string; readonly done?: boolean; readonly version?: string }
  }
  try {
    const { version } = await next()
    return {
      version: version as string,
      async *ask(request) {
        child.stdin.write(`${JSON.stringify(request)}\n`)
        for (;;) {
          const line = await next()
          if (line.error !== undefined) throw new Error(`Optuna: ${line.error}`)
          if (line.done === true) return
          yield line as never
        }
      },
      async close() {
        child.stdin.end()
        if (child.exitCode === null) await once(child, 'close')
      },
    }
  } catch (error) {
    return { reason: (error as Error).message }
  }
}
