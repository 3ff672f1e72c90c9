/** Runs as rows: finding them by reference, and reading them as records. */
import { fail } from '../../core/errors.ts'
import { fromText } from '../json.ts'
import { describeOwner, isAlive, type Owner } from '../lease.ts'
import type { Config, Metrics, RunRecord, RunStatus } from '../store.ts'
import type { Connection } from './connection.ts'

/** What identifies a run inside this store. */
export interface RunKey {
  readonly serial: number
  readonly id: string
}

/** A reference is an id, the first letters of one, or 'last'. @throws RUN_UNKNOWN, RUN_AMBIGUOUS */
export function find({ sql }: Connection, reference: string): RunKey {
  const exact =
    reference === 'last'
      ? sql('SELECT serial, id FROM runs ORDER BY serial DESC LIMIT 1').get()
      : sql('SELECT serial, id FROM runs WHERE id = ?').get(reference)
  if (exact) return exact as unknown as RunKey
  const found =
    reference === '' ? [] : sql('SELECT serial, id FROM runs WHERE substr(id, 1, length(?1)) = ?1 ORDER BY serial DESC').all(reference)
  if (found.length > 1) {
    const ids = found.map(({ id }) => id as string)
    throw fail('RUN_AMBIGUOUS', reference, ids)
  }
  if (found[0]) return found[0] as unknown as RunKey
  const known = sql('SELECT id FROM runs ORDER BY serial DESC LIMIT 1000').all()
  const ids = known.map(({ id }) => id as string)
  throw fail('RUN_UNKNOWN', reference, ids)
}

/** @throws RUN_OWNED while the run's owner is at work. */
export function checkFree({ sql }: Connection, { serial, id }: RunKey, now: number): void {
  const lease = sql('SELECT owner, heartbeat FROM leases WHERE run = ?').get(serial) as { owner: string; heartbeat: number } | undefined
  if (!lease) return
  const owner = ownerOf(lease.owner)
  if (isAlive(owner, lease.heartbeat, now)) throw fail('RUN_OWNED', id, describeOwner(owner))
}

export const selectRuns = `
  SELECT runs.*, parents.id AS parent, leases.owner, leases.heartbeat FROM runs
  LEFT JOIN leases ON leases.run = runs.serial
  LEFT JOIN runs AS parents ON parents.serial = runs.parent`

/** A row of `selectRuns`. That a run is lost is found here, when somebody looks; it is never written. */
export function recordOf(row: Record<string, unknown>, now: number): RunRecord {
  const text = (name: string) => row[name] as string
  const heartbeat = row.heartbeat as number
  const owner = row.owner === null ? undefined : ownerOf(text('owner'))
  const lost = owner !== undefined && !isAlive(owner, heartbeat, now)
  return {
    id: text('id'),
    name: text('name'),
    mode: text('mode'),
    status: lost ? 'lost' : (row.status as RunStatus),
    seed: fromText<number | string>(text('seed')),
    config: fromText(text('config')) as Config,
    facts: fromText(text('facts')) as Config,
    metrics: fromText(text('metrics')) as Metrics,
    created: row.created as number,
    ...optional('ended', lost ? heartbeat : row.ended),
    ...optional('file', row.file),
    ...optional('parent', row.parent),
    ...optional('error', row.error === null ? null : fromText(text('error'))),
    ...optional('owner', owner && describeOwner(owner)),
  }
}

/** NULL in a row is a field that is not there in a record. */
export function optional(name: string, value: unknown): object {
  return value === null || value === undefined ? {} : { [name]: value }
}

function ownerOf(text: string): Owner {
  return JSON.parse(text)
}
