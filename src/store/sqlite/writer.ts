/** The pen of one run: what is reported gathers in memory and is written in one transaction, together with the lease's renewal. */
import { sha256 } from '../../core/bytes.ts'
import type { Clock } from '../../core/clock.ts'
import { fail, type TuttiError } from '../../core/errors.ts'
import { toText } from '../json.ts'
import type { ArtifactRecord, LogLine, MetricPoint, RunWriter } from '../store.ts'
import { checkName, pathFor, removeFileOf, writeFileOf } from './artifacts.ts'
import type { Connection } from './connection.ts'
import { optional, type RunKey } from './rows.ts'

/** A second is what a person watching hardly notices; a few thousand points take a few milliseconds to write. */
const writeEvery = 1000
const writeAt = 4096
/** A sixth of the lease's time. */
const renewEvery = 5000

export interface WriterContext {
  readonly connection: Connection
  readonly location: string
  readonly clock: Clock
  /** Called once, when nothing more will be written. */
  readonly closed: (writer: RunWriter) => void
}

/** The writer of a run whose lease has this token. */
export function openWriter({ connection, location, clock, closed }: WriterContext, run: RunKey, token: string): RunWriter {
  const { serial, id } = run
  const { sql } = connection
  let points: MetricPoint[] = []
  let lines: LogLine[] = []
  let events: { time: number; kind: string; data: string }[] = []
  let tried = clock.now() // when it was last written, or tried in vain
  let limit = writeAt
  let open = true
  let trouble: unknown
  let artifacts: Promise<unknown> = Promise.resolve()

  const waiting = () => points.length + lines.length + events.length

  /** Everything that waits and what else belongs with it; all of it or, when this throws, nothing. */
  const write = (durable: boolean, also?: () => void) => {
    if (!open) throw fail('RUN_TAKEN', id)
    tried = clock.now()
    limit = waiting() + writeAt
    connection.write(() => {
      const renewed = sql('UPDATE leases SET heartbeat = ? WHERE run = ? AND token = ?').run(tried, serial, token)
      if (renewed.changes === 0) throw fail('RUN_TAKEN', id)
      const point = sql('INSERT OR REPLACE INTO metrics (run, key, step, value, time) VALUES (?, ?, ?, ?, ?)')
      for (const { key, step, value, time } of points) point.run(serial, key, step, value, time)
      const line = sql('INSERT INTO logs (run, time, level, text) VALUES (?, ?, ?, ?)')
      for (const { time, level, text } of lines) line.run(serial, time, level, text)
      const event = sql('INSERT INTO events (run, time, kind, data) VALUES (?, ?, ?, ?)')
      for (const { time, kind, data } of events) event.run(serial, time, kind, data)
      also?.()
    }, durable)
    points = []
    lines = []
    events = []
    limit = writeAt
    trouble = undefined
  }

  /** In the background: a locked store is tried again later, other trouble is told to whoever reports next. */
  const writeSoon = () => {
    try {
      write(false)
    } catch (error) {
      if ((error as TuttiError).code !== 'STORE_LOCKED') trouble = error
    }
  }

  const reported = (now: number) => {
    if (waiting() >= limit || now - tried >= writeEvery) writeSoon()
    if (trouble !== undefined) throw trouble
  }

  const timer = clock.every(writeEvery, () => {
    if (waiting() > 0 || clock.now() - tried >= renewEvery) writeSoon()
  })

  const close = () => {
    open = false
    timer.stop()
    closed(writer)
  }

  const now = () => {
    if (!open) throw fail('RUN_TAKEN', id)
    return clock.now()
  }

  /** One after another, in the order they were asked for. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = artifacts.then(work)
    artifacts = done.catch(() => undefined)
    return done
  }

  const pathOf = (name: string) =>
    sql('SELECT path FROM artifacts WHERE run = ? AND name = ?').get(serial, name)?.path as string | undefined

  const writer: RunWriter = {
    id,
    metric(step, values) {
      const time = now()
      if (!Number.isSafeInteger(step)) throw fail('BAD_OPTION', 'metric', 'step', step, 'a whole number')
      for (const key in values) {
        const value = values[key]
        if (typeof value !== 'number') throw fail('BAD_OPTION', 'metric', key, value, 'a number')
        points.push({ key, step, value, time })
      }
      reported(time)
    },
    log(level, text) {
      const time = now()
      lines.push({ time, level, text })
      reported(time)
    },
    event(kind, data = null) {
      const time = now()
      events.push({ time, kind, data: toText(data) })
      reported(time)
    },
    artifact: (name, bytes, { kind, step }) =>
      inTurn(async () => {
        checkName(name)
        const hash = sha256(bytes)
        const path = connection.read(() => pathFor(connection, run, name, hash))
        write(false) // a writer that was ousted must not touch the files of the new one
        await writeFileOf(location, path, bytes)
        const record = { name, kind, path, bytes: bytes.length, sha256: hash, time: now(), ...optional('step', step) } as ArtifactRecord
        let old: string | undefined
        write(true, () => {
          old = pathOf(name)
          sql('INSERT OR REPLACE INTO artifacts (run, name, kind, path, bytes, sha256, step, time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
            ...[serial, name, kind, path, bytes.length, hash, step ?? null, record.time],
          )
        })
        if (old !== undefined && old !== path) await removeFileOf(location, old)
        return record
      }),
    removeArtifact: (name) =>
      inTurn(async () => {
        let old: string | undefined
        write(true, () => {
          old = pathOf(name)
          const names = sql('SELECT name FROM artifacts WHERE run = ?').all(serial)
          if (old === undefined)
            throw fail(
              'ARTIFACT_UNKNOWN',
              id,
              name,
              names.map((row) => row.name as string),
            )
          sql('DELETE FROM artifacts WHERE run = ? AND name = ?').run(serial, name)
        })
        if (old !== undefined) await removeFileOf(location, old)
      }),
    async flush(durable = true) {
      write(durable)
    },
    async finish(status, { metrics = {}, error } = {}) {
      await artifacts
      write(true, () => {
        sql('UPDATE runs SET status = ?, ended = ?, metrics = ?, error = ? WHERE serial = ?').run(
          ...[status, clock.now(), toText(metrics), error ? toText(error) : null, serial],
        )
        sql('DELETE FROM leases WHERE run = ?').run(serial)
      })
      close()
    },
    async [Symbol.asyncDispose]() {
      if (!open) return
      // Whoever wants to know whether this worked calls finish: here another error may be on its way already.
      await writer.finish('interrupted').catch(close)
    },
  }
  return writer
}
