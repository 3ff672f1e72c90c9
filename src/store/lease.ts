/**
 * Who writes a run, and whether it still lives. On the same machine the process table answers at once and for certain: a
 * process id is used again after a while, so a process is known by its id and its start time. From another machine (or
 * container, or after a restart), and where the system does not tell start times, a sign of life in the last 30 s counts.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

export interface Owner {
  readonly pid: number
  readonly host: string
  /** Where the process id means something: host, boot and process namespace. */
  readonly place: string
  /** Clock ticks between the boot and the process's start; null where the system does not tell. */
  readonly started: string | null
}

/** A writer renews its lease many times within this. Milliseconds. */
export const leaseTime = 30_000

let self: Owner | undefined
/** This process. */
export function thisProcess(): Owner {
  self ??= { pid: process.pid, host: hostname(), place: placeOf(), started: startOf(process.pid) ?? null }
  return self
}

/** Whether the owner is at work, seen from this process. */
export function isAlive(owner: Owner, heartbeat: number, now: number, viewer = thisProcess()): boolean {
  const recent = now - heartbeat <= leaseTime
  if (owner.place !== viewer.place) return recent
  if (!processExists(owner.pid)) return false
  return owner.started === null ? recent : startOf(owner.pid) === owner.started
}

/** 'process 4711 on host anna'. */
export function describeOwner({ pid, host }: Owner): string {
  return `process ${pid} on host ${host}`
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // it is there, and somebody else's
  }
}

/** Field 22 of Linux's /proc/PID/stat. Field 2 is the program's name, which may hold spaces and brackets. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? undefined : fields[18] // a zombie is dead
  } catch {
    return undefined
  }
}

function placeOf(): string {
  try {
    return `${hostname()}/${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}
