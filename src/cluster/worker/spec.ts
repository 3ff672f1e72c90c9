/** A worker's orders as text: they travel through a pipe, never on the command line, where everybody could read the token. */
import { readSync } from 'node:fs'
import { fromText, toText } from '../../core/json.ts'
import type { WorkerSpec } from '../engine.ts'

/** The pipe between a worker process and the driver: orders down, signs of life up; its end means the other's death. */
export const lifeline = 3

/** One line. */
export function specText(spec: WorkerSpec): string {
  return `${toText({ ...spec, program: spec.program.href })}\n`
}

export function parseSpec(text: string): WorkerSpec {
  const spec = fromText(text) as unknown as WorkerText
  return { ...spec, program: new URL(spec.program) }
}

/** Waits for the line. */
export function readSpec(): WorkerSpec {
  const chunks: Buffer[] = []
  for (;;) {
    const chunk = Buffer.alloc(65_536)
    const length = readSync(lifeline, chunk)
    chunks.push(chunk.subarray(0, length))
    if (length === 0 || chunk[length - 1] === 10) return parseSpec(Buffer.concat(chunks).toString())
  }
}

type WorkerText = Omit<WorkerSpec, 'program'> & { readonly program: string }
