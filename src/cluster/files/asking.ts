/** The worker's side of the line: asks the driver, calls again where the line is lost, and gives up in time. */
import type { Clock } from '../../core/clock.ts'
import { fail, messageOf } from '../../core/errors.ts'
import type { Connection } from '../../net/index.ts'
import { type Answer, type Ask, type Manifest, readAnswer } from './protocol.ts'

export type Looked = Manifest | Extract<Answer, { answer: 'missing' | 'refused' | 'changed' }>

export interface Asking extends AsyncDisposable {
  /** @throws FILES_LOST */
  look(path: string, sums: boolean): Promise<Looked>
  /**
   * Hands over the content of a file, piece after piece, each awaited before the next; after a lost line it goes on where it
   * was. False where the driver does not have it any more.
   *
   * @throws FILES_LOST, FILES_REFUSED, and what `take` throws
   */
  get(
    what: { readonly sha256: string; readonly path: string; readonly from: number },
    take: (piece: Uint8Array) => Promise<void>,
  ): Promise<boolean>
}

export interface AskingOptions {
  readonly dial: () => Promise<Connection>
  readonly clock: Clock
  readonly signal: AbortSignal
}

export function asking({ dial, clock, signal }: AskingOptions): Asking {
  let line: Promise<Line> | undefined
  const open = (): Promise<Line> => {
    line ??= connect(dial, clock, () => (line = undefined)).catch((error) => {
      line = undefined
      throw error
    })
    return line
  }
  /** Tries three times in a row that bring nothing. */
  const persist = async <T>(path: string, attempt: (line: Line) => Promise<T>, moved: () => unknown = () => 0): Promise<T> => {
    let last = moved()
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted()
      try {
        return await attempt(await open())
      } catch (error) {
        signal.throwIfAborted()
        if (moved() !== last) tries = 1
        last = moved()
        if (!(error instanceof LineLost) || error.forGood || tries >= 3)
          throw error instanceof LineLost ? fail('FILES_LOST', path, error.message) : error
        await clock.sleep(300 * tries, signal)
      }
    }
  }

  return {
    look: (path, sums) =>
      persist(path, (line) => {
        const { promise, resolve, reject } = Promise.withResolvers<Looked>()
        line.ask((id) => ({ ask: 'look', id, path, sums }), {
          hear: (answer) => {
            if (answer.answer === 'busy') return false
            if (answer.answer === 'chunk') throw new Error('content arrived that nobody asked for')
            resolve(answer)
            return true
          },
          lost: reject,
        })
        return promise
      }),

    async get({ sha256, path, from }, take) {
      let at = from
      return await persist(
        path,
        (line) =>
          receive(line, { sha256, path, from: at }, async (piece) => {
            await take(piece)
            at += piece.byteLength
          }),
        () => at,
      )
    },

    async [Symbol.asyncDispose]() {
      const current = await line?.catch(() => undefined)
      current?.connection.close('the worker needs no more files')
      await current?.connection.closed
    },
  }
}

/** One attempt at a file. Settles when nothing more of it is being taken. */
function receive(
  line: Line,
  { sha256, path, from }: { sha256: string; path: string; from: number },
  take: (piece: Uint8Array) => Promise<void>,
) {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  let next = from
  /** What arrived is taken in order. */
  let taken: Promise<void> = Promise.resolve()
  let failed = false
  const end = (settle: () => void) => void taken.then(settle)
  const id = line.ask((id) => ({ ask: 'get', id, sha256, from }), {
    hear(answer, bytes) {
      switch (answer.answer) {
        case 'busy':
          return false
        case 'changed':
          end(() => resolve(false))
          return true
        case 'refused':
          end(() => reject(fail('FILES_REFUSED', path, answer.why)))
          return true
        case 'chunk': {
          if (bytes === undefined || answer.from !== next) throw new Error('content arrived out of its order')
          next += bytes.byteLength
          taken = taken.then(async () => {
            try {
              if (!failed) await take(bytes)
            } catch (error) {
              failed = true
              line.forget(id)
              reject(error)
            }
            line.tell({ ask: 'got', bytes: bytes.byteLength })
          })
          if (answer.last) end(() => resolve(true))
          return answer.last
        }
        default:
          throw new Error('what arrived is no answer to what was asked')
      }
    },
    lost: (error) => end(() => reject(error)),
  })
  return promise
}

/** The driver could not be reached, or not any more. */
class LineLost extends Error {
  readonly forGood: boolean
  constructor(why: string, forGood = false) {
    super(why)
    this.forGood = forGood
  }
}

interface Listener {
  /** True where this was the last of it. */
  hear(answer: Answer, bytes: Uint8Array | undefined): boolean
  lost(error: LineLost): void
}

interface Line {
  readonly connection: Connection
  /** @returns the request's number */
  ask(make: (id: number) => Ask, listener: Listener): number
  tell(what: Ask): void
  /** Wants no more of it. */
  forget(id: number): void
}

async function connect(dial: () => Promise<Connection>, clock: Clock, onLost: () => void): Promise<Line> {
  // Dialling has its own patience: who cannot be reached then is not called again.
  const connection = await dial().catch((error) => {
    throw new LineLost(messageOf(error), true)
  })
  const waiting = new Map<number, Listener>()
  let serial = 0
  let heard = clock.elapsed()
  let over: LineLost | undefined
  const watch = clock.every(2000, () => {
    if (waiting.size > 0 && clock.elapsed() - heard > patience) connection.close(`nothing was heard for ${patience / 1000} s`)
  })
  void connection.closed.then((reason) => {
    watch.stop()
    over = new LineLost(reason)
    onLost()
    for (const { lost } of waiting.values()) lost(over)
    waiting.clear()
  })
  connection.onMessage(({ body, bytes }) => {
    heard = clock.elapsed()
    const answer = readAnswer(body)
    // What was stopped may still be on its way: its bytes were counted, and are given back.
    const listener = waiting.get(answer.id)
    if (listener?.hear(answer, bytes)) waiting.delete(answer.id)
    if (listener === undefined && bytes !== undefined) connection.send({ ask: 'got', bytes: bytes.byteLength })
  })
  return {
    connection,
    ask(make, listener) {
      const id = serial++
      if (over) {
        listener.lost(over)
        return id
      }
      if (waiting.size === 0) heard = clock.elapsed()
      waiting.set(id, listener)
      connection.send({ ...make(id) })
      return id
    },
    tell: (what) => connection.send({ ...what }),
    forget(id) {
      if (waiting.delete(id)) connection.send({ ask: 'stop', id })
    },
  }
}

/** Milliseconds; the driver gives a sign every second while it reads what was asked about. */
const patience = 30_000
