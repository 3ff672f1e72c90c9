/** Folders that are gone after the test, and the program run in this process or in one of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '../../src/cli/main.ts'
import { realClock } from '../../src/core/clock.ts'
import { memoryTerminal } from '../../src/core/console.ts'
import { memoryHost } from '../../src/core/process.ts'
import { openStore } from '../../src/store/index.ts'

export const root = join(import.meta.dirname, '../..')
export const tiny = join(import.meta.dirname, 'fixtures/tiny.ts')
export const bin = join(root, 'bin/tutti.js')

export interface Folder extends AsyncDisposable {
  readonly path: string
  readonly store: string
  file(name: string, content: string | Uint8Array): Promise<string>
}

export async function temporary(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'tutti-run-'))
  return {
    path,
    store: join(path, 'store'),
    async file(name, content) {
      await writeFile(join(path, name), content)
      return join(path, name)
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

export interface CallOptions {
  readonly interactive?: boolean
  readonly columns?: number
  readonly environment?: Record<string, string>
  /** Called with what was written to stderr, so that a signal can be sent at a known moment. */
  readonly onErr?: (text: string, host: ReturnType<typeof memoryHost>) => void
}

export interface Called {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly exited: number | undefined
}

/** Runs a command line in this process. */
export async function call(args: readonly string[], options: CallOptions = {}): Promise<Called> {
  const terminal = memoryTerminal(options)
  const host = memoryHost({ environment: options.environment ?? {} })
  const err = terminal.err
  terminal.err = (text) => {
    err.call(terminal, text)
    options.onErr?.(text, host)
  }
  const code = await main(args, { terminal, host, clock: realClock, program: 'tutti', debug: false })
  return { code, stdout: terminal.stdout, stderr: terminal.stderr, exited: host.exited }
}

export interface Program {
  readonly process: ChildProcess
  stdout: string
  stderr: string
  /** The exit code, or the signal that ended it. */
  readonly exit: Promise<number | string>
}

/** Runs a command line in a process of its own. */
export function start(args: readonly string[], node = process.execPath): Program {
  const child = spawn(node, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const program: Program = {
    process: child,
    stdout: '',
    stderr: '',
    exit: once(child, 'close').then(([code, signal]) => code ?? signal),
  }
  child.stdout.on('data', (text) => {
    program.stdout += text
  })
  child.stderr.on('data', (text) => {
    program.stderr += text
  })
  return program
}

export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) as string
}

/** Bytes of an artifact of a run, the newest where none is named. */
export async function artifact(path: string, name: string, run = 'last'): Promise<Uint8Array> {
  await using store = await openStore({ path, readOnly: true })
  return await store.readArtifact(run, name)
}

/** The weights that a whole run of the tiny training leaves. */
export async function trained(store: string, settings: readonly string[] = []): Promise<Uint8Array> {
  const { code, stderr } = await call(['train', tiny, '--store', store, '--quiet', ...settings])
  if (code !== 0) throw new Error(stderr)
  return artifact(store, 'model.safetensors')
}
