/**
 * Which processes belong to a cluster, and how they are ended: through Linux's /proc, never by name. A process is known by
 * its pid *and* the moment it started, so one that got a dead one's number is never taken for it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process, told from every other of this boot. */
export interface Process {
  readonly pid: number
  /** Clock ticks from boot to its start, as /proc tells them. */
  readonly start: string
}

export interface Seen extends Process {
  readonly name: string
  readonly parent: number
  readonly session: number
}

/** What the processes of a cluster have in common. */
export interface Kin {
  /** Each of them was born with this in its environment; those that give themselves a title overwrite it there. */
  readonly mark: string
  /** Nodes: each was the leader of a session when it was started. */
  readonly leaders: readonly Process[]
}

/** The environment variable that holds the mark. */
export const markName = 'TUTTI_CLUSTER'

/** This boot of the machine: pids of another mean nothing. */
export function boot(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

/** Undefined when there is none. */
export function lookUp(pid: number): Seen | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name stands in brackets and may hold anything, brackets too.
    const [open, close] = [stat.indexOf('('), stat.lastIndexOf(')')]
    const rest = stat.slice(close + 2).split(' ')
    if (rest[0] === 'Z' || rest[0] === 'X') return undefined
    return { pid, start: rest[19] as string, name: stat.slice(open + 1, close), parent: Number(rest[1]), session: Number(rest[3]) }
  } catch {
    return undefined
  }
}

export function alive({ pid, start }: Process): boolean {
  return lookUp(pid)?.start === start
}

/** All that live now, `known` ones too where they have left the family since. Never this process. */
export function members({ mark, leaders }: Kin, known: Iterable<Process> = []): Seen[] {
  const all = new Map<number, Seen>()
  for (const entry of readdirSync('/proc')) {
    const seen = /^\d+$/.test(entry) ? lookUp(Number(entry)) : undefined
    if (seen) all.set(seen.pid, seen)
  }
  const sessions = new Set<number>()
  for (const leader of leaders) {
    const now = all.get(leader.pid)
    // A number stays taken while its session has members, so it is ours unless somebody else lives under it.
    if (now === undefined || now.start === leader.start) sessions.add(leader.pid)
  }
  const ours = new Set<Seen>()
  for (const seen of all.values()) if (sessions.has(seen.session) || marked(seen.pid, mark)) ours.add(seen)
  for (const { pid, start } of known) {
    const now = all.get(pid)
    if (now?.start === start) ours.add(now)
  }
  const children = Map.groupBy(all.values(), ({ parent }) => parent)
  for (const one of ours) for (const child of children.get(one.pid) ?? []) ours.add(child)
  return [...ours].filter(({ pid }) => pid !== process.pid)
}

/** Asks all to go, and ends those that have not after `patience` milliseconds. Gives how many it were, when none is left. */
export async function endAll(kin: Kin, patience = 1000): Promise<number> {
  const known = new Map<string, Seen>()
  const asked = new Set<string>()
  const began = performance.now()
  for (;;) {
    const found = members(kin, known.values())
    if (found.length === 0) return known.size
    const late = performance.now() - began > patience
    for (const one of found) {
      const key = `${one.pid} ${one.start}`
      known.set(key, one)
      if (late) send(one, 'SIGKILL')
      else if (!asked.has(key)) send(one, 'SIGTERM')
      asked.add(key)
    }
    if (performance.now() - began > patience + 20_000)
      throw new Error(`These processes do not end: ${found.map(({ pid, name }) => `${pid} (${name})`).join(', ')}.`)
    await sleep(50)
  }
}

/** At once and without waiting, for the moment a program ends. */
export function killAll(kin: Kin): void {
  // A second look finds what was born during the first.
  for (let round = 0; round < 2; round++) for (const one of members(kin)) send(one, 'SIGKILL')
}

/** Only if it is still that one. */
export function send(one: Process, signal: NodeJS.Signals): boolean {
  try {
    return alive(one) && process.kill(one.pid, signal)
  } catch {
    return false
  }
}

/** Bytes of memory that they hold, what they share counted once. */
export function memoryOf(processes: readonly Process[]): number {
  let bytes = 0
  for (const { pid } of processes) {
    try {
      const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
      bytes += Number(kilobytes ?? 0) * 1024
    } catch {
      // It has gone.
    }
  }
  return bytes
}

function marked(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${markName}=${mark}`)
  } catch {
    return false
  }
}
