/** The two measured programs, tutti and Python's libraries: long-lived child processes that take orders as JSON lines. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { python } from '../lib/programs.ts'
import type { Orders } from './orders.ts'

export interface Program {
  /** Of the libraries in it: { 'scikit-learn': '1.9.1', ... }. */
  readonly versions: Readonly<Record<string, string | null>>
  /** @throws Error with what went wrong there */
  ask<K extends keyof Orders>(what: K, order: Orders[K][0]): Promise<Orders[K][1]>
  close(): Promise<void>
}

/** Threads of the program that was asked before wait busily for some milliseconds. */
const pause = 100
/** No order of any part takes this long. */
const patience = 900_000

/** A fresh process of tutti's. */
export function startOurs(): Promise<Program> {
  return start('tutti', process.execPath, [join(import.meta.dirname, 'ours.ts')], {})
}

/** A fresh process of Python's, or the reason why there is none. OpenMP takes no more threads than these. */
export async function startPeer(threads: number): Promise<Program | { readonly reason: string }> {
  if (!existsSync(python)) return { reason: 'npm run bench:peers was not run' }
  const limit = String(threads)
  try {
    return await start('Python', python, [join(import.meta.dirname, 'peer.py')], { OMP_NUM_THREADS: limit, OPENBLAS_NUM_THREADS: limit })
  } catch (error) {
    return { reason: (error as Error).message }
  }
}

async function start(name: string, command: string, args: string[], env: Readonly<Record<string, string>>): Promise<Program> {
  const child = spawn(command, args, { env: { ...process.env, ...env } })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk).slice(-2000)))
  child.stdin.on('error', () => undefined)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (what: string) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), patience)
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error(`${name} ended at '${what}'. ${errors.trim().split('\n').slice(-2).join(' | ')}`)
      // Libraries print what they like; only lines of JSON are answers.
      if (!(value as string).startsWith('{')) continue
      clearTimeout(timer)
      return JSON.parse(value as string)
    }
  }
  const { versions } = await next('start')
  return {
    versions,
    async ask(what, order) {
      await sleep(pause)
      child.stdin.write(`${JSON.stringify({ do: what, ...order })}\n`)
      const answer = await next(what)
      if (answer.error !== undefined) throw new Error(`${name}, '${what}': ${answer.error}`)
      return answer
    },
    async close() {
      child.stdin.end()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    },
  }
}
