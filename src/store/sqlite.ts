/** A store in a folder: one SQLite file, and the artifacts beside it. Many processes may read and write it at once. */
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, realClock } from '../core/clock.ts'
import { fail, failBecause, messageOf, TuttiError } from '../core/errors.ts'
import { makeFolder } from '../core/folders.ts'
import { fromText, toText } from './json.ts'
import { thisProcess } from './lease.ts'
import { artifactOf, folderOf, readVerified, removeFileOf, sweep } from './sqlite/artifacts.ts'
import { type Connection, connect, explain } from './sqlite/connection.ts'
import { checkFree, find, type RunKey, recordOf, selectRuns } from './sqlite/rows.ts'
import { prepare } from './sqlite/schema.ts'
import { openWriter } from './sqlite/writer.ts'
import type { LogLine, MetricPoint, RunEvent, RunWriter, Store } from './store.ts'

export interface OpenStoreOptions {
  /** The folder; made when it is not there, unless for reading only. */
  readonly path?: string
  readonly clock?: Clock
  /** Also works on a store that cannot be written, and while others write. */
  readonly readOnly?: boolean
  /** Seconds to wait for a lock of another process. */
  readonly patience?: number
}

/**
 * Opens the store in a folder.
 *
 * @throws STORE_MISSING (for reading only), STORE_FOREIGN, STORE_CORRUPT, STORE_NEWER, STORE_OLDER, STORE_READ_ONLY, STORE_FULL,
 * STORE_LOCKED
 * @example
 * ```ts
 * await using store = await openStore({ path: '.tutti' })
 * await using run = await store.createRun({ name: 'mnist', mode: 'single', seed: 7, config: { hidden: 128 } })
 * run.metric(1, { loss: 0.25 })
 * await run.finish('finished', { metrics: { accuracy: 0.98 } })
 * ```
 */
export async function openStore(options: OpenStoreOptions = {}): Promise<Store> {
  const { path = '.tutti', clock = realClock, readOnly = false, patience } = options
  const file = join(path, 'tutti.db')
  if (readOnly && !existsSync(file)) throw fail('STORE_MISSING', path)
  if (!readOnly) await makeStoreFolder(path)
  const connection = connect(file, { readOnly, patience })
  try {
    await prepare(connection, path, clock)
    return sqliteStore(connection, path, clock)
  } catch (error) {
    connection.close()
    throw error
  }
}

/** The store over an open connection whose schema is there. */
export function sqliteStore(connection: Connection, location: string, clock: Clock): Store {
  const { sql, read, write } = connection
  const writers = new Set<RunWriter>()

  const take = ({ serial, id }: RunKey, token: string): RunWriter => {
    const closed = (writer: RunWriter) => writers.delete(writer)
    const writer = openWriter({ connection, location, clock, closed }, { serial, id }, token)
    writers.add(writer)
    return writer
  }
  const lease = (serial: number): string => {
    const token = randomUUID()
    sql('INSERT OR REPLACE INTO leases (run, token, owner, heartbeat) VALUES (?, ?, ?, ?)').run(
      ...[serial, token, JSON.stringify(thisProcess()), clock.now()],
    )
    return token
  }
  const list = <T>(run: string, text: string, ...values: string[]) =>
    read(() => sql(text).all(find(connection, run).serial, ...values) as unknown as T[])
  const artifactsOf = (run: string) =>
    list<Record<string, unknown>>(run, 'SELECT * FROM artifacts WHERE run = ? ORDER BY name').map(artifactOf)

  return {
    location,
    async createRun({ id: wanted, name, mode, seed, config, file, facts = {}, parent }) {
      const { run, token } = write(() => {
        const values = [name, mode, parent === undefined ? null : find(connection, parent).serial, file ?? null]
        const json = [seed, config, facts].map(toText)
        const id = wanted === undefined ? newId(connection, name) : freeId(connection, wanted)
        const { lastInsertRowid } = sql(
          `INSERT INTO runs (id, name, mode, parent, file, seed, config, facts, metrics, status, created)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, '{}', 'running', ?)`,
        ).run(id, ...values, ...json, clock.now())
        const serial = Number(lastInsertRowid)
        return { run: { serial, id }, token: lease(serial) }
      })
      return take(run, token)
    },
    async claim(reference) {
      const { run, token } = write(() => {
        const run = find(connection, reference)
        checkFree(connection, run, clock.now())
        sql(`UPDATE runs SET status = 'running', ended = NULL, error = NULL, metrics = '{}' WHERE serial = ?`).run(run.serial)
        return { run, token: lease(run.serial) }
      })
      await sweep(connection, location, run)
      return take(run, token)
    },
    async run(reference) {
      return read(() => {
        const { serial } = find(connection, reference)
        return recordOf(sql(`${selectRuns} WHERE runs.serial = ?`).get(serial) ?? {}, clock.now())
      })
    },
    async runs({ status, name, mode, parent, limit = Number.POSITIVE_INFINITY } = {}) {
      return read(() => {
        const found = []
        for (const row of sql(`${selectRuns} ORDER BY runs.serial DESC`).iterate()) {
          if (found.length >= limit) break
          if (name !== undefined && row.name !== name) continue
          if (mode !== undefined && row.mode !== mode) continue
          if (parent !== undefined && row.parent !== parent) continue
          const record = recordOf(row, clock.now())
          if (status === undefined || record.status === status) found.push(record)
        }
        return found
      })
    },
    async metrics(run, key) {
      const points =
        key === undefined
          ? list<MetricPoint>(run, 'SELECT key, step, value, time FROM metrics WHERE run = ? ORDER BY key, step')
          : list<MetricPoint>(run, 'SELECT key, step, value, time FROM metrics WHERE run = ? AND key = ? ORDER BY step', key)
      return points.map((point) => ({ ...point, value: point.value ?? Number.NaN }))
    },
    async logs(run) {
      return list<LogLine>(run, 'SELECT time, level, text FROM logs WHERE run = ? ORDER BY rowid').map((line) => ({ ...line }))
    },
    async events(run) {
      const rows = list<RunEvent & { data: string }>(run, 'SELECT time, kind, data FROM events WHERE run = ? ORDER BY rowid')
      return rows.map(({ time, kind, data }) => ({ time, kind, data: fromText(data) }))
    },
    async artifacts(run) {
      return artifactsOf(run)
    },
    async readArtifact(reference, name) {
      const { id } = read(() => find(connection, reference))
      const records = artifactsOf(id)
      const record = records.find((artifact) => artifact.name === name)
      const names = records.map((artifact) => artifact.name)
      if (!record) throw fail('ARTIFACT_UNKNOWN', id, name, names)
      return readVerified(location, id, record)
    },
    async deleteRun(reference) {
      const { id } = write(() => {
        const run = find(connection, reference)
        checkFree(connection, run, clock.now())
        sql('DELETE FROM runs WHERE serial = ?').run(run.serial)
        return run
      })
      await removeFileOf(location, folderOf(id))
    },
    async [Symbol.asyncDispose]() {
      for (const writer of [...writers]) await writer[Symbol.asyncDispose]()
      connection.close()
    },
  }
}

/** Git must not offer a store for commit: it changes with every run. */
async function makeStoreFolder(path: string): Promise<void> {
  try {
    await makeFolder(path)
    await writeFile(join(path, '.gitignore'), '*\n', { flag: 'wx' }).catch((error) => {
      if (error.code !== 'EEXIST' && !existsSync(join(path, 'tutti.db'))) throw error
    })
  } catch (error) {
    const told = explain(error, path)
    throw told instanceof TuttiError ? told : failBecause(error, 'STORE_FAILED', path, messageOf(error))
  }
}

/** @throws RUN_EXISTS, RUN_NAME */
function freeId({ sql }: Connection, id: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(id) || id === 'last') throw fail('RUN_NAME', id)
  if (sql('SELECT 1 FROM runs WHERE id = ?').get(id)) throw fail('RUN_EXISTS', id)
  return id
}

/** The name in letters that a shell and a file system leave alone, and a random ending: 16 million for each name. */
function newId({ sql }: Connection, name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const letters = plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-|-$/g, '')
  for (;;) {
    const id = `${letters || 'run'}-${randomBytes(3).toString('hex')}`
    if (!sql('SELECT 1 FROM runs WHERE id = ?').get(id)) return id
  }
}
