/** Connections over the sockets of the operating system: what Unix sockets and TCP have in common. */
import type { Server, Socket } from 'node:net'
import { realClock } from '../core/clock.ts'
import { failBecause, messageOf, TuttiError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { type Address, type Connection, cut, type DialOptions, defaultLimit, type ListenOptions } from './connection.ts'
import { encodeFrame, frameReader, helloLimit } from './frame.ts'
import { greetListener, receiveCaller } from './handshake.ts'
import { mailbox } from './mailbox.ts'
import { isOwn } from './place.ts'

/**
 * Lets a server greet those who call, each with its own deadline, and hands over those who know the token.
 *
 * @param wrap what the greeting goes through, where it is not the socket itself
 */
export function acceptSockets(
  server: Server,
  options: ListenOptions,
  peerOf: (socket: Socket) => string,
  wrap: (socket: Socket) => Socket = (socket) => socket,
): { stop(): void } {
  /** Sockets that have not shown the token yet, oldest first. */
  const strangers = new Set<Socket>()
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    if (strangers.size >= mostStrangers)
      for (const oldest of strangers) {
        oldest.destroy()
        strangers.delete(oldest)
        break
      }
    strangers.add(socket)
    const deadline = setTimeout(() => socket.destroy(new Error('too slow')), options.patience ?? handshakeTime)
    const channel = wrap(socket)
    channel.on('error', () => undefined)
    receiveCaller(channel, options.token)
      .then(
        (hello) => options.accept(socketConnection(channel, peerOf(socket), options.limit ?? defaultLimit), hello),
        () => channel.destroySoon(),
      )
      .finally(() => {
        clearTimeout(deadline)
        strangers.delete(socket)
      })
  })
  return {
    stop() {
      for (const socket of strangers) socket.destroy()
    },
  }
}

/**
 * Calls until somebody answers or the patience ends.
 *
 * @param check what must be seen of the other side before anything is said to it
 */
export async function dialSocket<S extends Socket>(
  address: Address,
  open: () => S,
  options: DialOptions,
  check?: (socket: S) => Promise<void>,
): Promise<Connection> {
  const patience = options.patience ?? 10_000
  const started = realClock.elapsed()
  let told: unknown
  for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
    const left = patience - (realClock.elapsed() - started)
    try {
      return await dialOnce(address, open, options, Math.max(left, firstPause), check)
    } catch (error) {
      if (error instanceof TuttiError) throw error
      // The last call may have had hardly any time: what those before it met with tells more.
      if (told === undefined || !messageOf(error).startsWith(noAnswer)) told = error
      if (realClock.elapsed() - started + pause > patience) {
        throw failBecause(told, 'NET_UNREACHABLE', address, patience / 1000, messageOf(told))
      }
    }
    await realClock.sleep(pause)
  }
}

async function dialOnce<S extends Socket>(
  address: Address,
  open: () => S,
  { token, hello, limit }: DialOptions,
  time: number,
  check?: (socket: S) => Promise<void>,
): Promise<Connection> {
  const socket = open()
  socket.on('error', () => undefined)
  const deadline = setTimeout(() => socket.destroy(new Error(noAnswer)), time)
  try {
    await check?.(socket)
    await greetListener(socket, address, token, hello)
    return socketConnection(socket, address, limit ?? defaultLimit)
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(deadline)
  }
}

/** A socket whose two sides know each other. */
function socketConnection(socket: Socket, peer: string, limit: number): Connection {
  const box = mailbox((reason) => close(reason))
  let reason = cut
  const reader = frameReader(limit, ({ kind, body, bytes }) => {
    if (kind === 'message') box.deliver(bytes ? { body, bytes } : { body })
    else if (kind === 'goodbye') leave(typeof body === 'string' ? body : cut)
    else throw new Error('what arrived is no message: a second hello')
  })
  /** The other side goes: nothing is left to be said. */
  const leave = (why: string) => {
    box.close(why)
    socket.end()
    lingerThenDestroy(socket)
  }
  const close = (why: string) => {
    if (!box.open) return
    box.shut()
    reason = why
    // `closed` waits until the goodbye is with the operating system, or for as long as it lingers for one who does not read.
    socket.end(encodeFrame('goodbye', why.slice(0, longestReason), undefined, helloLimit), () => box.close(why))
    lingerThenDestroy(socket)
  }
  socket.pause()
  socket.on('data', (chunk: Buffer) => {
    if (!box.open) return
    try {
      reader.push(chunk)
    } catch (error) {
      close(messageOf(error))
    }
  })
  socket.on('end', () => box.open && leave(cut))
  socket.on('close', () => box.close(reason))
  socket.setNoDelay(true)
  if (socket.remoteAddress !== undefined && !isOwn(socket.remoteAddress)) socket.setKeepAlive(true, silence)
  // Whoever dialled gets a turn to set up before the first message, or a goodbye, is read.
  setImmediate(() => socket.resume())
  return {
    peer,
    send(body: Json, bytes) {
      const frame = encodeFrame('message', body, bytes, limit)
      if (box.open && socket.writable) socket.write(frame)
    },
    get pending() {
      return socket.writableLength
    },
    onMessage: box.onMessage,
    close: (reason = 'closed') => close(reason),
    closed: box.closed,
  }
}

function lingerThenDestroy(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), lingerTime)
  socket.once('close', () => clearTimeout(timer))
}

const noAnswer = 'no answer'
/** A handshake on one machine takes milliseconds; a busy one may take a thousand times as long. */
const handshakeTime = 5000
/** More than this at a time are no workers that start; the oldest of them, which do not go on, make room. */
const mostStrangers = 512
const firstPause = 10
const longestPause = 250
/**
 * Milliseconds after which the system asks whether a silent machine is still there. Node has it ask ten times, a second apart,
 * so a machine that vanished is noticed after 30 s; where something sent was not acknowledged the system goes on sending it for
 * longer (minutes: TCP_USER_TIMEOUT, which Node cannot set), so who sends much listens for signs of life as well.
 */
const silence = 20_000
/** For one who does not read what was sent last. */
const lingerTime = 2000
const longestReason = 4000
