import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TuttiError } from '../../src/core/errors.ts'
import type { Batch, Column, Dataset } from '../../src/data/index.ts'

/** A folder that is gone after the test. */
export async function folder(): Promise<
  { path: string; file(name: string, content: string | Uint8Array): Promise<string> } & AsyncDisposable
> {
  const path = await mkdtemp(join(tmpdir(), 'tutti-data-'))
  return {
    path,
    async file(name, content) {
      await writeFile(join(path, name), content)
      return join(path, name)
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

/** An error of the catalogue with this code, whose sentence has all these words. */
export function says(code: string, ...words: string[]): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof TuttiError) || error.code !== code) return false
    return words.every((word) => error.message.includes(word))
  }
}

/** The values of one column of all batches, copied. */
export async function valuesOf(set: Dataset, column: string, options: Parameters<Dataset['batches']>[0]): Promise<number[][]> {
  const batches: number[][] = []
  for await (const batch of set.batches(options)) batches.push(numbers(batch, column))
  return batches
}

/** The values of one column of a batch or a table, copied. */
export function numbers(of: Batch | { readonly columns: Readonly<Record<string, Column>> }, column: string): number[] {
  return Array.from(of.columns[column]?.data as Float32Array)
}
