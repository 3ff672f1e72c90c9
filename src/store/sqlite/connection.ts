/** One SQLite connection: how it is opened, its transactions, and its errors in words. */
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { type ErrorArgs, type ErrorCode, fail, failBecause, messageOf, TuttiError } from '../../core/errors.ts'

export interface Connection {
  readonly readOnly: boolean
  /** Seconds it waits for a lock. */
  readonly patience: number
  /** A statement, prepared once. */
  sql(text: string): StatementSync
  /** Statements without results. */
  exec(text: string): void
  /** Runs with errors put in words. */
  read<T>(use: () => T): T
  /**
   * One transaction that holds the pen from its beginning (BEGIN IMMEDIATE): what it read stays true until it commits.
   * When it is durable, it and all before it are on the disk when this returns; otherwise it survives the process, though not
   * a loss of power. Neither can leave a damaged file.
   */
  write<T>(use: () => T, durable?: boolean): T
  close(): void
}

export interface ConnectOptions {
  readonly readOnly?: boolean
  readonly patience?: number
}

/** How long one transaction of other processes may reasonably take, on a slow disk with several writers. */
const defaultPatience = 10

export function connect(file: string, { readOnly = false, patience = defaultPatience }: ConnectOptions = {}): Connection {
  const folder = dirname(file)
  const worded = <T>(use: () => T): T => {
    try {
      return use()
    } catch (error) {
      throw explain(error, folder, patience)
    }
  }
  const db = worded(() => {
    const opened = open(file, readOnly, patience)
    opened.exec('PRAGMA foreign_keys = ON')
    return opened
  })
  const statements = new Map<string, StatementSync>()
  let synchronous = ''
  return {
    readOnly,
    patience,
    exec: (text) => db.exec(text),
    sql(text) {
      let statement = statements.get(text)
      if (!statement) {
        statement = db.prepare(text)
        statements.set(text, statement)
      }
      return statement
    },
    read: worded,
    write: (use, durable = true) =>
      worded(() => {
        if (readOnly) throw fail('STORE_READ_ONLY', folder, 'it was opened for reading only')
        const level = durable ? 'FULL' : 'NORMAL'
        if (synchronous !== level) db.exec(`PRAGMA synchronous = ${level}`)
        synchronous = level
        db.exec('BEGIN IMMEDIATE')
        try {
          const result = use()
          db.exec('COMMIT')
          return result
        } catch (error) {
          if (db.isTransaction) db.exec('ROLLBACK')
          throw error
        }
      }),
    close() {
      if (db.isOpen) db.close()
    },
  }
}

/**
 * Reading needs SQLite's index of the log (-shm) beside the file. Where the folder cannot be written and no writer left one,
 * nobody is writing either, and the file is read as one that does not change, provided that its log is empty.
 */
function open(file: string, readOnly: boolean, patience: number): DatabaseSync {
  const options = { readOnly, timeout: patience * 1000 }
  const db = new DatabaseSync(file, options)
  if (!readOnly) return db
  try {
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    return db
  } catch (error) {
    db.close()
    const log = `${file}-wal`
    if (primary(error) !== CANTOPEN || (existsSync(log) && statSync(log).size > 0)) throw error
    const url = pathToFileURL(file)
    url.searchParams.set('immutable', '1')
    return new DatabaseSync(url, options)
  }
}

// https://sqlite.org/rescode.html
const [BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB] = [5, 6, 8, 10, 11, 13, 14, 26]
/** The index of the log could not grow. */
const IOERR_SHMSIZE = 4874

/** The user's words for what SQLite or the file system refused. */
export function explain(error: unknown, folder: string, patience = defaultPatience): unknown {
  if (error instanceof TuttiError || !(error instanceof Error)) return error
  const { code, errcode } = error as Error & { code?: string; errcode?: number }
  const because = <C extends ErrorCode>(code: C, ...args: ErrorArgs<C>) => failBecause(error, code, ...args)
  if (code === 'ENOSPC' || code === 'EDQUOT' || errcode === IOERR_SHMSIZE) return because('STORE_FULL', folder)
  if (code === 'EROFS') return because('STORE_READ_ONLY', folder, 'its file system is read-only')
  if (code === 'EACCES' || code === 'EPERM') return because('STORE_READ_ONLY', folder, 'this user may not write there')
  if (code === 'ENOTDIR' || code === 'EEXIST') return because('STORE_FOREIGN', folder, 'there is a file where a folder should be')
  if (error instanceof SyntaxError) return because('STORE_CORRUPT', folder, `a field that should hold JSON does not (${error.message})`)
  switch (primary(error)) {
    case BUSY:
    case LOCKED:
      return because('STORE_LOCKED', folder, patience)
    case FULL:
      return because('STORE_FULL', folder)
    case READONLY:
      return because('STORE_READ_ONLY', folder, 'its file or its file system is read-only')
    case CANTOPEN:
      return (
        whyNotWritable(folder) ?? because('STORE_FAILED', folder, 'its file cannot be opened; see that this user may read and write it')
      )
    case CORRUPT:
      return because('STORE_CORRUPT', folder, messageOf(error))
    case NOTADB:
      return because('STORE_FOREIGN', folder, 'tutti.db in it is not a SQLite file')
    case IOERR:
      return because('STORE_FAILED', folder, `the disk refused (${error.message})`)
    default:
      return code === 'ERR_SQLITE_ERROR' ? because('STORE_FAILED', folder, error.message) : error
  }
}

/** SQLite does not say why it cannot open or make a file; asking the folder often does. */
function whyNotWritable(folder: string): unknown {
  try {
    accessSync(folder, constants.W_OK)
    return undefined
  } catch (error) {
    return explain(error, folder)
  }
}

function primary(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: number }
  return errcode === undefined ? undefined : errcode & 0xff
}
