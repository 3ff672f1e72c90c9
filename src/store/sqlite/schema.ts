/** The tables, as the list of steps that make them. A step that was published is never changed; a change is a new step. */
import type { Clock } from '../../core/clock.ts'
import { fail } from '../../core/errors.ts'
import type { Connection } from './connection.ts'

/** A NULL value is NaN, which SQLite does not keep. Times are milliseconds since 1970. JSON is as json.ts writes it. */
const first = `
  CREATE TABLE runs (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    mode TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'failed', 'interrupted')),
    parent INTEGER REFERENCES runs ON DELETE SET NULL,
    file TEXT,
    seed TEXT NOT NULL,     -- JSON: a number or a text
    config TEXT NOT NULL,   -- JSON
    facts TEXT NOT NULL,    -- JSON
    metrics TEXT NOT NULL,  -- JSON: as given when it ended
    error TEXT,             -- JSON: code and message
    created INTEGER NOT NULL,
    ended INTEGER
  ) STRICT;
  CREATE INDEX runs_by_parent ON runs (parent);

  CREATE TABLE leases (     -- of the running runs: a run is running if and only if it has one
    run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    token TEXT NOT NULL,    -- known only to the writer that took it
    owner TEXT NOT NULL,    -- JSON: the process
    heartbeat INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE metrics (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    key TEXT NOT NULL,
    step INTEGER NOT NULL,
    value REAL,
    time INTEGER NOT NULL,
    PRIMARY KEY (run, key, step)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE logs (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    time INTEGER NOT NULL,
    level TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX logs_by_run ON logs (run);

  CREATE TABLE events (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    time INTEGER NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL      -- JSON
  ) STRICT;
  CREATE INDEX events_by_run ON events (run);

  CREATE TABLE artifacts (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,  -- relative to the store
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    step INTEGER,
    time INTEGER NOT NULL,
    PRIMARY KEY (run, name)
  ) STRICT;
`

export const migrations: readonly string[] = [first]

/** 'tutt': tells a store from any other SQLite file. */
const applicationId = 0x74757474

const state = `
  SELECT (SELECT user_version FROM pragma_user_version) AS version,
         (SELECT application_id FROM pragma_application_id) AS application,
         EXISTS (SELECT 1 FROM sqlite_schema) AS filled`

/**
 * Brings the file to the newest schema, or says why it cannot be used. Several processes may do so at once.
 *
 * @throws STORE_FOREIGN, STORE_NEWER, STORE_OLDER (for reading only), STORE_MISSING (nothing in it yet, for reading only)
 */
export async function prepare(connection: Connection, path: string, clock: Clock, steps: readonly string[] = migrations): Promise<void> {
  const { sql, read, write, readOnly } = connection
  const check = () => {
    // One statement sees one state of the file: another process may be making the tables just now.
    const found = read(() => sql(state).get()) as { version: number; application: number; filled: number }
    const { version } = found
    const known = found.application === applicationId
    const empty = version === 0 && found.filled === 0
    if (!known && !empty) throw fail('STORE_FOREIGN', path, 'tutti.db in it belongs to another program')
    if (version > steps.length) throw fail('STORE_NEWER', path, version, steps.length)
    return version
  }
  const version = check()
  if (readOnly) {
    if (version === 0) throw fail('STORE_MISSING', path)
    if (version < steps.length) throw fail('STORE_OLDER', path, version, steps.length)
    return
  }
  await enterWal(connection, path, clock)
  if (version === steps.length) return
  write(() => {
    for (const step of steps.slice(check())) connection.exec(step)
    connection.exec(`PRAGMA user_version = ${steps.length}; PRAGMA application_id = ${applicationId}`)
  })
}

/** SQLite does not wait for others when it changes the journal's mode, so this does. The mode is kept in the file. */
async function enterWal({ sql, read, patience }: Connection, path: string, clock: Clock): Promise<void> {
  const mode = (pragma: string) => read(() => sql(pragma).get()?.journal_mode)
  const deadline = clock.elapsed() + patience * 1000
  while (mode('PRAGMA journal_mode') !== 'wal') {
    try {
      if (mode('PRAGMA journal_mode = WAL') === 'wal') return
      throw fail('STORE_FAILED', path, 'its file system does not let processes share a SQLite log; use a local disk')
    } catch (error) {
      if ((error as { code?: string }).code !== 'STORE_LOCKED' || clock.elapsed() > deadline) throw error
      await clock.sleep(10)
    }
  }
}
