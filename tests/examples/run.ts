/** Runs an example as a person does, on the command line. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'

const root = resolve(import.meta.dirname, '../..')

export interface Result {
  readonly status: string
  readonly metrics: Readonly<Record<string, number>>
  readonly seconds: number
  /** What was told on the way. */
  readonly told: string
}

/** A training file, by `tutti train`. @throws when the example fails: its own check of its result is part of it. */
export async function runExample(
  folder: string,
  settings: Readonly<Record<string, string | number>>,
  args: readonly string[] = [],
): Promise<Result> {
  return inFolder(async (store) => {
    const sets = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])
    const { stdout, stderr } = await runNode(
      ['bin/tutti.js', 'train', `examples/${folder}/train.ts`, '--json', '--store', store, ...sets, ...args],
      root,
    )
    return { ...JSON.parse(stdout.trimEnd().split('\n').at(-1) as string), told: stderr }
  })
}

/** A program, by `npm run example`: what it printed. @throws when it fails */
export async function runProgram(file: string): Promise<string> {
  const { example } = (await import('../../package.json', { with: { type: 'json' } })).default.scripts
  const [program, ...args] = example.split(' ')
  assert.equal(program, 'node')
  // Its store is in the folder it runs in.
  return inFolder(async (folder) => (await runNode([...args, join(root, 'examples', file)], folder)).stdout)
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-example-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function runNode(args: readonly string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  assert.equal(code, 0, stderr)
  return { stdout, stderr }
}
