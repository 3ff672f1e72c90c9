/** Callers who say what no caller should: none gets in, and none hurts those who are in. */
import assert from 'node:assert/strict'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'
import { random } from '../../core/random.ts'
import type { Transport } from '../connection.ts'
import { authenticate, frame, header, magic, preamble, read } from './byHand.ts'
import { collect, connected, type Pair, token } from './pair.ts'

/** For handshakes that are not to be finished. The others have it too, on a machine that may be busy. */
const patience = 1000
/** For hundreds of handshakes of TLS where other programs have the processors. */
const long = 60_000

export function hostileCallers(make: () => Transport, raw: (address: string) => Duplex): void {
  /** Lets them call, and then sees that nobody got in, and that old and new connections work. */
  const law = (what: string, call: (socket: () => Duplex, pair: Pair) => Promise<void>, limits: { readonly patience?: number } = {}) =>
    test(what, async () => {
      await using pair = await connected(make(), { limit: 2 ** 20, ...limits })
      const sockets: Duplex[] = []
      const open = () => {
        const socket = raw(pair.listener.address)
        socket.on('error', () => undefined)
        sockets.push(socket)
        return socket
      }
      try {
        await call(open, pair)
        assert.equal(pair.accepted.length, 1, 'somebody got in')
        await works(pair)
      } finally {
        for (const socket of sockets) socket.destroy()
      }
    })

  law('garbage is turned away', async (open) => {
    const chance = random('garbage')
    const texts = ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', '{"role":"worker","rank":0,"generation":0}', '\u0000'.repeat(48)]
    const garbage = [...texts.map((text) => Buffer.from(text.padEnd(48))), Buffer.alloc(500_000, 7)]
    for (let i = 0; i < 10; i++) garbage.push(Buffer.from(Array.from({ length: 48 + chance.int(200) }, () => chance.int(256))))
    await Promise.all(
      garbage.map(async (bytes) => {
        const socket = open()
        socket.write(bytes)
        await ended(socket)
      }),
    )
  })

  law('another version is told ours, and turned away before anything else', async (open) => {
    for (const version of [0, 2, 2 ** 32 - 1]) {
      const socket = open()
      socket.write(preamble(version, Buffer.alloc(32, 1)))
      const answer = await read(socket, 48)
      assert.ok(answer.subarray(0, 8).equals(magic))
      assert.equal(answer.readUInt32LE(8), 1)
      await ended(socket)
    }
  })

  law('who does not know the token gets no proof that the listener does, and what it says is not read', async (open) => {
    for (const hello of ['{"role":"worker","rank":0,"generation":0}', 'not even JSON']) {
      const socket = open()
      const { answer } = await authenticate(socket, 'a guess')
      assert.deepEqual([...answer], Array(40).fill(0))
      socket.write(frame(3, hello))
      await ended(socket)
    }
  })

  law('an answer that was seen opens nothing again', async (open) => {
    const first = open()
    const seen: Buffer[] = []
    const write = first.write.bind(first)
    first.write = ((bytes: Buffer) => {
      seen.push(bytes)
      return write(bytes)
    }) as Duplex['write']
    assert.equal((await authenticate(first, token)).answer[0], 1)
    assert.ok(!Buffer.concat(seen).includes(token), 'the token travelled')
    const again = open()
    again.write(Buffer.concat(seen))
    const answer = await read(again, 48 + 40)
    assert.equal(answer[48], 0)
    await ended(again)
  })

  const breaksOff = async (open: () => Duplex) => {
    const whole = Buffer.concat([preamble(1, Buffer.alloc(32, 3)), Buffer.alloc(32, 4)])
    const halves = Array.from({ length: 20 }, (_, i) => {
      const socket = open()
      socket.write(whole.subarray(0, i * 4))
      if (i % 2 === 0) socket.end()
      return ended(socket)
    })
    const slow = open()
    let sent = 0
    const timer = setInterval(() => slow.writable && slow.write(whole.subarray(sent, ++sent)), patience / 20)
    try {
      await Promise.all([...halves, ended(open()), ended(slow)])
      assert.ok(sent < whole.length, 'the slow one was not stopped by its time')
    } finally {
      clearInterval(timer)
    }
  }
  law('a handshake that breaks off anywhere, goes on byte by byte, or never begins, ends by itself', breaksOff, { patience })

  law('after the token, a hello that is none, or larger than 64 KiB, is turned away', async (open) => {
    const bad = [frame(1, '"a message"'), frame(3, 'no JSON'), header(3, 2 ** 16 + 1, 0), header(3, 4, 4), Buffer.alloc(16), frame(3, '')]
    for (const bytes of bad) {
      const socket = open()
      assert.equal((await authenticate(socket, token)).answer[0], 1)
      socket.write(bytes)
      await ended(socket)
    }
  })

  test('of a crowd that only stands there, the oldest make room', async () => {
    await using pair = await connected(make(), { patience: long })
    const crowd = Array.from({ length: 530 }, () => raw(pair.listener.address).on('error', () => undefined))
    try {
      await ended(crowd[0] as Duplex)
      assert.ok(crowd.at(-1)?.writable)
      await works(pair)
    } finally {
      for (const socket of crowd) socket.destroy()
    }
  })

  test('what is no message closes the one connection it came on, with the reason', async () => {
    const cases: [Buffer, RegExp][] = [
      [Buffer.from('x'.repeat(16)), /no message/],
      [header(9, 4, 0), /no message/],
      [header(0, 4, 0), /no message/],
      [header(1, 4, 4), /no message/],
      [frame(1, '{"a":'), /no JSON/],
      [frame(1, ''), /no JSON/],
      [frame(3, '{}'), /second hello/],
      // Only a header: what it announces is neither waited for nor made room for.
      [header(1, 2 ** 20 + 1, 0), /larger than the limit of 1048576/],
      [header(2, 2 ** 32 - 1, 2 ** 32 - 1), /larger than the limit/],
    ]
    for (const [bytes, reason] of cases) {
      await using pair = await connected(make(), { limit: 2 ** 20 })
      const socket = raw(pair.listener.address)
      socket.on('error', () => undefined)
      await authenticate(socket, token)
      socket.write(Buffer.concat([frame(3, 'null'), frame(1, '"good"')]))
      while (pair.accepted.length < 2) await new Promise(setImmediate)
      const connection = pair.accepted[1] as Pair['far']
      const received = collect(connection)
      await received.until(1)
      socket.write(Buffer.concat([bytes, frame(1, '"never read"')]))
      assert.match(await connection.closed, reason)
      assert.deepEqual(
        received.messages.map(({ body }) => body),
        ['good'],
      )
      await works(pair)
      socket.destroy()
    }
  })

  test('a connection that ends without a word is cut', async () => {
    await using pair = await connected(make())
    const socket = raw(pair.listener.address)
    await authenticate(socket, token)
    socket.write(Buffer.concat([frame(3, 'null'), frame(1, '"whole"'), frame(1, '"half"').subarray(0, 20)]))
    while (pair.accepted.length < 2) await new Promise(setImmediate)
    const connection = pair.accepted[1] as Pair['far']
    const received = collect(connection)
    await received.until(1)
    socket.destroy()
    assert.equal(await connection.closed, 'the connection was cut')
    assert.equal(received.messages.length, 1)
  })
}

/** The connection that was there before still works, and a new one can be made. */
async function works({ transport, listener, near, far, accepted }: Pair): Promise<void> {
  const received = collect(far)
  near.send('still here')
  await received.until(1)
  const before = accepted.length
  // Behind a crowd, on a busy machine, it may take a while.
  const another = await transport.dial(listener.address, { token, hello: null, patience: long })
  const hungUp = another.closed.then((reason) => Promise.reject(new Error(`hung up: ${reason}`)))
  while (accepted.length === before) await Promise.race([hungUp, new Promise(setImmediate)])
  hungUp.catch(() => undefined)
  another.close()
  await another.closed
}

function ended(socket: Duplex): Promise<void> {
  socket.resume()
  if (socket.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    socket.once('end', resolve)
    socket.once('close', resolve)
  })
}
