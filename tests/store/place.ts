/** Folders for stores that are gone after the test, and processes that work in them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openStore } from '../../src/store/index.ts'
import type { StorePlace } from '../../src/store/testing/conformance.ts'

export interface Folder extends AsyncDisposable {
  readonly path: string
}

export async function temporary(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'tutti-store-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

export async function sqlitePlace(): Promise<StorePlace> {
  const folder = await temporary()
  return {
    open: (options) => openStore({ path: join(folder.path, 'store'), ...options }),
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  }
}

/** Disposing of it kills it. */
export interface Worker extends AsyncDisposable {
  readonly process: ChildProcess
  /** What it prints, line by line. */
  readonly lines: AsyncIterator<string>
  /** Its exit code, or the signal that ended it. */
  readonly exit: Promise<number | string>
}

/** Runs tests/store/worker.ts in a process of its own. */
export function work(...args: string[]): Worker {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'worker.ts'), ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const exit = once(child, 'close').then(([code, signal]) => code ?? signal)
  const dispose = async () => {
    child.kill('SIGKILL')
    await exit
  }
  return { process: child, lines, exit, [Symbol.asyncDispose]: dispose }
}
