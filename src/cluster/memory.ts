/** Free memory of this machine, and whether one more trial may have some of it. */
import { readFileSync } from 'node:fs'
import { freemem } from 'node:os'
import { formatBytes } from '../core/bytes.ts'

/** What is asked for free memory; tests hand in their own. */
export interface MemorySource {
  /** Text of a file of the system, or undefined where there is none. */
  read(path: string): string | undefined
  /** Bytes, where the system has no such files. */
  free(): number
}

/**
 * Bytes that new work may take without anybody being killed: the least of what the machine has available and of what the
 * control groups of this process (v1 and v2, with all groups above it) still allow. Files that the kernel caches and can
 * drop count as free.
 *
 * @example `const free = freeMemory()`
 */
export function freeMemory(source: MemorySource = systemMemory): number {
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(source.read('/proc/meminfo') ?? '')?.[1]
  const machine = available === undefined ? source.free() : Number(available) * 1024
  return Math.max(0, Math.min(machine, ...groupsOf(source)))
}

export interface MemoryGateOptions {
  /** Bytes free now. */
  readonly free: () => number
  /** Bytes that shall stay free. */
  readonly reserve: number
  /** Bytes that a worker is expected to hold at most while it runs a trial. */
  readonly expected: () => number
}

export interface MemoryGate {
  /**
   * Why one more trial has to wait, in words; undefined where it may begin. `held` has what each worker with a running trial
   * holds now, in bytes: what they have yet to grow is spoken for. One of which that is not known (undefined) is taken to be
   * grown. `own` is what the worker already holds that would run it.
   *
   * With nothing running the answer is always yes: waiting would not make more memory free.
   */
  waitsFor(held: readonly (number | undefined)[], own?: number): string | undefined
}

/** Pure: asks `free` and `expected`, and keeps nothing. */
export function memoryGate({ free, reserve, expected }: MemoryGateOptions): MemoryGate {
  return {
    waitsFor(held, own = 0) {
      if (held.length === 0) return undefined
      const size = expected()
      let spokenFor = 0
      for (const bytes of held) spokenFor += Math.max(0, size - (bytes ?? size))
      const need = Math.max(0, size - own) + reserve + spokenFor
      const have = free()
      if (need <= have) return undefined
      return `waiting for memory: ${formatBytes(have)} free, ${formatBytes(need)} needed`
    },
  }
}

const systemMemory: MemorySource = {
  read(path) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
  },
  free: freemem,
}

/** What each control group with a limit still allows. */
function groupsOf({ read }: MemorySource): number[] {
  const found: number[] = []
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (path === undefined) continue
    const version = controllers === '' ? v2 : controllers?.split(',').includes('memory') ? v1 : undefined
    if (!version) continue
    // Within a container the path may be the host's, and the own group is the root.
    for (const folder of upward(path)) {
      const number = (name: string) => numberIn(read(`${version.root}${folder}/${name}`))
      const [limit, usage] = [number(version.limit), number(version.usage)]
      if (limit === undefined || usage === undefined) continue
      const cache = new RegExp(`^${version.cache} (\\d+)`, 'm').exec(read(`${version.root}${folder}/memory.stat`) ?? '')?.[1]
      found.push(limit - usage + Number(cache ?? 0))
    }
  }
  return found
}

const v2 = { root: '/sys/fs/cgroup', limit: 'memory.max', usage: 'memory.current', cache: 'inactive_file' } as const
const v1 = {
  root: '/sys/fs/cgroup/memory',
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  cache: 'total_inactive_file',
} as const

/** '/a/b' -> '/a/b', '/a', ''. */
function upward(path: string): string[] {
  const parts = path.split('/').filter(Boolean)
  return Array.from({ length: parts.length + 1 }, (_, i) =>
    parts
      .slice(0, parts.length - i)
      .map((part) => `/${part}`)
      .join(''),
  )
}

/** 'max' is no number, and so no limit. */
function numberIn(text: string | undefined): number | undefined {
  const number = Number(text?.trim() || Number.NaN)
  return Number.isFinite(number) ? number : undefined
}
