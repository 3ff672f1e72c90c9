/** What is written down of a cluster, before and while it is started, so that another program can end it. */
import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Kin, Process } from './processes.ts'
import { boot } from './processes.ts'
import { Trouble } from './trouble.ts'

/** Of the name of Ray's own folder. */
export const tempPrefix = 'tutti-ray-'

export interface NodeState extends Process {
  readonly ip: string
  readonly cpus: number
  /** File of what its `ray start` writes. */
  readonly log: string
  /** Its raylet's, where it came up. */
  readonly raylet?: Process
  /** Ray's name of it. */
  readonly id?: string
}

export interface State {
  readonly version: 1
  /** Stands in the environment of its processes. */
  readonly mark: string
  readonly boot: string
  /** The program that starts it. */
  readonly starter: Process
  /** Ray's own folder, of a short path. */
  readonly temp: string
  readonly address?: string
  readonly tokenFile?: string
  /** Address of Ray's core, which other nodes join. */
  readonly core?: string
  /** When all came up. */
  readonly ready: boolean
  readonly nodes: readonly NodeState[]
}

/** Undefined where nothing is. @throws Trouble when it is not one */
export function readState(folder: string): State | undefined {
  let text: string
  try {
    text = readFileSync(fileOf(folder), 'utf8')
  } catch {
    return undefined
  }
  try {
    const state = JSON.parse(text) as State
    if (state.version === 1 && Array.isArray(state.nodes) && typeof state.mark === 'string' && typeof state.temp === 'string') return state
  } catch {}
  throw new Trouble(`${fileOf(folder)} is not the record of a cluster. Remove it when no Ray of yours runs.`)
}

/** @throws Trouble when there is one already */
export function createState(folder: string, state: State): void {
  mkdirSync(folder, { recursive: true })
  try {
    writeFileSync(fileOf(folder), text(state), { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new Trouble(`A cluster is recorded in ${folder} already.`)
    throw error
  }
}

export function writeState(folder: string, state: State): void {
  const fresh = `${fileOf(folder)}.new`
  writeFileSync(fresh, text(state))
  renameSync(fresh, fileOf(folder))
}

/** Ray's own folder, and of the cluster's what was written there by us. */
export function removeState(folder: string, { temp, tokenFile, nodes }: State): void {
  // A file can be edited: only what was made for this goes with all that is in it.
  if (basename(temp).startsWith(tempPrefix)) rmSync(temp, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  for (const file of [...nodes.map(({ log }) => log), tokenFile, fileOf(folder)]) {
    if (file !== undefined && dirname(file) === folder) rmSync(file, { force: true })
  }
  try {
    rmdirSync(folder)
  } catch {
    // Somebody keeps other things there.
  }
}

/** Of another boot nothing is left but the record. */
export function kinOf({ mark, nodes, boot: then }: State): Kin {
  return { mark, leaders: then === boot() ? nodes.map(({ pid, start }) => ({ pid, start })) : [] }
}

function text(state: State): string {
  return `${JSON.stringify(state, null, 2)}\n`
}

function fileOf(folder: string): string {
  return join(folder, 'state.json')
}
