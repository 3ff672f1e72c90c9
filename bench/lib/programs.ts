/** The measured programs: how each is started, and whether it is there. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ProgramSpec } from './program.ts'

const bench = join(import.meta.dirname, '..')
const node = process.execPath
const windows = process.platform === 'win32'
export const python = join(bench, 'peers/.venv', windows ? 'Scripts/python.exe' : 'bin/python')

export const tutti = program('tutti', 'subjects/tutti.ts')
/** Tutti on the runtime that computes nothing: what is left is the platform. */
export const tuttiIdle = program('tutti without computing', 'subjects/tutti.ts', '--null')
export const pytorch: ProgramSpec = { name: 'pytorch', command: python, args: [join(bench, 'peers/pytorch.py')] }
export const jaxJs = program('jax-js', 'peers/jax.js')
export const tfjsWasm = program('tfjs-wasm', 'peers/tfjs.js', 'wasm')
export const tfjsCpu = program('tfjs-cpu', 'peers/tfjs.js', 'cpu')

/** Programs of the list that are installed. */
export function installed(programs: readonly ProgramSpec[]): ProgramSpec[] {
  return programs.filter(
    ({ name }) => name.startsWith('tutti') || existsSync(name === 'pytorch' ? python : join(bench, 'peers/node_modules')),
  )
}

function program(name: string, file: string, ...rest: string[]): ProgramSpec {
  return { name, command: node, args: [join(bench, file), ...rest] }
}
