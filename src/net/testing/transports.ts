/** What every transport must do, through its contract only. `transportConformance` is called once for each entry of the registry. */
import assert from 'node:assert/strict'
import type { Duplex } from 'node:stream'
import { suite, test } from 'node:test'
import type { Json } from '../../core/json.ts'
import { type Random, random } from '../../core/random.ts'
import type { Connection, Message, Transport } from '../connection.ts'
import { hostileCallers } from './hostile.ts'
import { collect, connected, token } from './pair.ts'

export interface TransportConformance {
  /** Opens a bare stream of bytes to an address, to say what no caller should; left out where there are no bytes. */
  readonly raw?: (address: string) => Duplex
}

export function transportConformance(name: string, make: () => Transport, { raw }: TransportConformance = {}): void {
  suite(`transport '${name}'`, () => {
    test('its address begins with its name, and it says what it is', async () => {
      const transport = make()
      assert.equal(transport.name, name)
      assert.match(transport.summary, /\w/)
      await using listener = await transport.listen({ token, accept: () => undefined })
      assert.ok(listener.address.startsWith(`${name}:`))
    })

    test('messages arrive whole, once, in order, with every number as it was', async () => {
      await using pair = await connected(make())
      for (const [from, to] of [[pair.near, pair.far] as const, [pair.far, pair.near] as const]) {
        const chance = random(`messages ${name}`)
        const sent = Array.from({ length: 300 }, () => someMessage(chance))
        const received = collect(to)
        for (const [i, { body, bytes }] of sent.entries()) {
          from.send(body, bytes)
          if (i % 50 === 0) await new Promise(setImmediate)
        }
        await received.until(sent.length)
        for (const [i, { body, bytes }] of sent.entries()) {
          const got = received.messages[i] as Message
          assert.deepStrictEqual(got.body, body)
          assert.equal(got.bytes === undefined, bytes === undefined)
          if (bytes) assert.ok(Buffer.from(bytes).equals(got.bytes as Uint8Array))
        }
      }
    })

    test('64 MiB go both ways at once', async () => {
      await using pair = await connected(make())
      const big = Buffer.alloc(64 * 2 ** 20)
      for (let i = 0; i < big.length; i += 4096) big.writeUInt32LE(i, i)
      const [atNear, atFar] = [collect(pair.near), collect(pair.far)]
      pair.near.send({ from: 'near' }, big)
      pair.far.send({ from: 'far' }, big)
      assert.ok(pair.near.pending > 0)
      await Promise.all([atNear.until(1), atFar.until(1)])
      for (const { messages } of [atNear, atFar]) assert.ok(big.equals(messages[0]?.bytes as Uint8Array))
      assert.equal(pair.near.pending, 0)
    })

    test('bytes are aligned for every kind of number, and the own of whoever gets them', async () => {
      await using pair = await connected(make())
      const received = collect(pair.far)
      const sizes = Array.from({ length: 40 }, (_, i) => i)
      for (const size of sizes) pair.near.send('x'.repeat(size), new Uint8Array(size % 17).fill(size))
      await received.until(sizes.length)
      for (const { bytes } of received.messages as Required<Message>[]) assert.equal(bytes.byteOffset % 8, 0)
      for (const { bytes } of received.messages as Required<Message>[]) bytes.fill(255)
      const numbers = Float64Array.of(1.5, Number.NaN, -0)
      pair.near.send(null, new Uint8Array(numbers.buffer))
      await received.until(sizes.length + 1)
      const { bytes } = received.messages.at(-1) as Required<Message>
      assert.deepStrictEqual(new Float64Array(bytes.buffer, bytes.byteOffset, 3), numbers)
    })

    test('what was sent may be changed at once', async () => {
      await using pair = await connected(make())
      const received = collect(pair.far)
      const body = { list: [1, 2, 3] }
      const bytes = Uint8Array.of(1, 2, 3)
      pair.near.send(body, bytes)
      body.list[0] = 99
      bytes[0] = 99
      await received.until(1)
      assert.deepStrictEqual(received.messages[0]?.body, { list: [1, 2, 3] })
      assert.deepStrictEqual(received.messages[0]?.bytes, Uint8Array.of(1, 2, 3))
    })

    test('what arrives before the first receiver waits for it, and is not handed over from within', async () => {
      await using pair = await connected(make())
      for (let i = 0; i < 5; i++) pair.near.send(i)
      await roundTrip(pair.far, pair.near)
      const got: Json[] = []
      pair.far.onMessage(({ body }) => got.push(body))
      assert.deepStrictEqual(got, [])
      const later = new Promise<void>((resolve) => pair.near.onMessage(() => resolve()))
      pair.far.send('now')
      await later
      assert.deepStrictEqual(got, [0, 1, 2, 3, 4])
    })

    test('the hello is what was said', async () => {
      const hello = { rank: 3, list: [Number.NaN, -0], text: 'é 漢' }
      await using pair = await connected(make(), { hello })
      assert.deepStrictEqual(pair.hello, hello)
      await assert.rejects(connected(make(), { hello: 'x'.repeat(2 ** 16) }), { code: 'NET_MESSAGE' })
    })

    test('closing sends what is waiting, and tells both sides the reason', async () => {
      await using pair = await connected(make())
      const received = collect(pair.far)
      for (let i = 0; i < 20; i++) pair.near.send(i, new Uint8Array(100_000))
      pair.near.close('that is all')
      pair.near.close('a second reason')
      pair.near.send('too late')
      assert.equal(await pair.far.closed, 'that is all')
      assert.equal(await pair.near.closed, 'that is all')
      assert.deepStrictEqual(
        received.messages.map(({ body }) => body),
        Array.from({ length: 20 }, (_, i) => i),
      )
      pair.far.send('nobody hears this')
    })

    test('nothing is delivered once it is closed, on either side', async () => {
      await using pair = await connected(make())
      const received = collect(pair.far)
      pair.near.send('first')
      await received.until(1)
      pair.near.send('on its way')
      pair.far.close('enough')
      await Promise.all([pair.near.closed, pair.far.closed])
      await new Promise((resolve) => setTimeout(resolve, 20))
      assert.equal(received.messages.length, 1)
    })

    test('who closes on a message hears no other, though more have arrived; nor does who comes late', async () => {
      for (const late of [false, true]) {
        await using pair = await connected(make())
        const heard: Json[] = []
        for (let i = 0; i < 10; i++) pair.near.send(i)
        if (late) await new Promise((resolve) => setTimeout(resolve, 20))
        pair.far.onMessage(({ body }) => {
          heard.push(body)
          pair.far.close('one is enough')
        })
        assert.equal(await pair.near.closed, 'one is enough')
        assert.deepEqual(heard, [0])
      }
    })

    test('a receiver that throws closes the connection, and both sides learn why', async () => {
      await using pair = await connected(make())
      pair.far.onMessage(() => {
        throw new Error('no such trial')
      })
      pair.near.send('x')
      assert.match(await pair.near.closed, /no such trial/)
      assert.match(await pair.far.closed, /no such trial/)
    })

    test('what is too large or no plain data is not sent, and all else goes on', async () => {
      await using pair = await connected(make(), { limit: 1000 })
      const received = collect(pair.far)
      const self: { self?: unknown } = {}
      self.self = self
      for (const bad of [10n, self]) assert.throws(() => pair.near.send(bad as never), { code: 'NET_MESSAGE' })
      assert.throws(() => pair.near.send('x'.repeat(999)), { code: 'NET_MESSAGE', message: /1001 bytes.*1000/ })
      assert.throws(() => pair.near.send('x', new Uint8Array(998)), { code: 'NET_MESSAGE' })
      pair.near.send('x', new Uint8Array(997))
      pair.near.send('x'.repeat(998))
      await received.until(2)
      assert.equal(received.messages.length, 2)
    })

    test('a message over the limit of whoever gets it closes the connection with that reason', async () => {
      await using pair = await connected(make(), { limit: 1000, dialLimit: 10_000 })
      const received = collect(pair.far)
      pair.near.send('x'.repeat(900))
      pair.near.send('x'.repeat(2000))
      assert.match(await pair.far.closed, /2002 bytes.*limit of 1000/)
      assert.match(await pair.near.closed, /2002 bytes.*limit of 1000/)
      assert.equal(received.messages.length, 1)
    })

    test('a wrong token is refused, and hurts nobody else', async () => {
      await using pair = await connected(make())
      for (const wrong of ['', 'x', `${token} `, token.slice(1)]) {
        await assert.rejects(pair.transport.dial(pair.listener.address, { token: wrong, hello: null }), { code: 'NET_REFUSED' })
      }
      assert.equal(pair.accepted.length, 1)
      await roundTrip(pair.near, pair.far)
    })

    test('where nobody listens, or no longer, the caller gives up after its patience', async () => {
      const transport = make()
      const listener = await transport.listen({ token, accept: () => undefined })
      await listener[Symbol.asyncDispose]()
      const dial = transport.dial(listener.address, { token, hello: null, patience: 50 })
      await assert.rejects(
        dial,
        (error: Error & { code: string }) => error.code === 'NET_UNREACHABLE' && error.message.includes(listener.address),
      )
    })

    test('a connection outlives the listening', async () => {
      await using pair = await connected(make())
      await pair.listener[Symbol.asyncDispose]()
      await roundTrip(pair.near, pair.far)
    })

    test('many call at once, and each talks for itself', async () => {
      const transport = make()
      const [callers, messages] = [200, 5]
      // So many handshakes of TLS take seconds where other programs have the processors.
      const patience = 60_000
      await using listener = await transport.listen({
        token,
        patience,
        accept: (connection, hello) => connection.onMessage(({ body }) => connection.send([hello, body])),
      })
      await Promise.all(
        Array.from({ length: callers }, async (_, me) => {
          const connection = await transport.dial(listener.address, { token, hello: me, patience })
          const received = collect(connection)
          for (let i = 0; i < messages; i++) connection.send(i)
          await received.until(messages)
          assert.deepStrictEqual(
            received.messages.map(({ body }) => body),
            Array.from({ length: messages }, (_, i) => [me, i]),
          )
          connection.close()
        }),
      )
    })

    if (raw) hostileCallers(make, raw)
    else {
      test('only what never leaves the thread has no bytes on which a caller could send what is no message', () => {
        assert.equal(make().reach, 'thread', `give transportConformance('${name}') a 'raw', for its hostile callers`)
      })
    }
  })
}

async function roundTrip(from: Connection, to: Connection): Promise<void> {
  const received = collect(to)
  from.send('round trip')
  await received.until(1)
}

function someMessage(chance: Random): Message {
  const body = someBody(chance, 3)
  if (chance.int(2) === 0) return { body }
  const bytes = new Uint8Array(chance.int(20) === 0 ? 200_000 : chance.int(40))
  for (let i = 0; i < bytes.length; i++) bytes[i] = chance.int(256)
  return { body, bytes }
}

function someBody(chance: Random, depth: number): Json {
  const plain = [null, true, 0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, '', 'é "漢"\n\u0000', '$number']
  switch (depth === 0 ? 0 : chance.int(4)) {
    case 1:
      return Array.from({ length: chance.int(5) }, () => someBody(chance, depth - 1))
    case 2:
      return Object.fromEntries(
        Array.from({ length: chance.int(5) }, () => [
          ['a', 'é', '$number', '$$number', '__proto__', ''][chance.int(6)],
          someBody(chance, depth - 1),
        ]),
      )
    case 3:
      return 'x'.repeat(chance.int(3000))
    default:
      return plain[chance.int(plain.length)] as Json
  }
}
