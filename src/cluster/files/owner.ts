/** Who holds a lock or uses a tree: a process, known by the machine it is on, its id and when it began. */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** A name, fit for a file, that nobody else has: 'a1b2c3d4-4711-88123-9f8e7d6c'. */
export function ownerName(): string {
  return `${place()}-${process.pid}-${startOf(process.pid) ?? 'x'}-${randomBytes(4).toString('hex')}`
}

/** True where its process is certainly gone; false where it certainly lives; undefined where that cannot be told from here. */
export function isGone(owner: string): boolean | undefined {
  const [where, pid, started] = owner.split('-')
  if (where !== place() || !/^[1-9]\d*$/.test(pid ?? '')) return undefined
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true
  }
  return started === 'x' ? undefined : startOf(Number(pid)) !== started
}

let own: string | undefined
/** Where process ids mean something: host, boot and process namespace, as eight characters. */
function place(): string {
  own ??= createHash('sha256')
    .update(
      hostname() + read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')) + read(() => readlinkSync('/proc/self/ns/pid')),
    )
    .digest('hex')
    .slice(0, 8)
  return own
}

/** Field 22 of Linux's /proc/PID/stat; field 2, the program's name, may hold spaces and brackets. */
function startOf(pid: number): string | undefined {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return state === 'Z' || state === 'X' ? undefined : fields[18] // a zombie is dead
}

function read(what: () => string): string {
  try {
    return what()
  } catch {
    return ''
  }
}
