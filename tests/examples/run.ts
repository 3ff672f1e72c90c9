/** Runs an example as a person does, on the command line, and reads its last line. */
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

/** @throws when the example fails: its own check of its result is part of it. */
export async function runExample(
  folder: string,
  settings: Readonly<Record<string, string | number>>,
  args: readonly string[] = [],
): Promise<Result> {
  const store = await mkdtemp(join(tmpdir(), 'tutti-example-'))
  try {
    const sets = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])
    const command = ['bin/tutti.js', 'train', `examples/${folder}/train.ts`, '--json', '--store', store, ...sets, ...args]
    const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const [stdout, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    assert.equal(code, 0, told)
    return { ...JSON.parse(stdout.trimEnd().split('\n').at(-1) as string), told }
  } finally {
    await rm(store, { recursive: true })
  }
}
