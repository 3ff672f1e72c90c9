/** The two sides of the protocol in two languages: a listener of ours, and Python that calls it with what the hosts of Ray call with. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { suite, test } from 'node:test'
import type { Json } from '../../../src/core/json.ts'
import { type Connection, type Message, type Transport, tcp, tls } from '../../../src/net/index.ts'
import { frame, header, preamble, proof, read } from '../../../src/net/testing/byHand.ts'
import { collect } from '../../../src/net/testing/pair.ts'
import fc from '../../laws.ts'

const token = 'the token of both, é'
const script = join(import.meta.dirname, 'wire_caller.py')
const modules = resolve(import.meta.dirname, '../../../src/cluster/engines/ray/python')

type Outcome = readonly [kind: string, sentence: string]

/** Runs the caller; its end is what it said of how it went. */
async function python(
  mode: 'echo' | 'dial',
  address: string,
  { shown = token, hello = null as Json, patience = 10 } = {},
): Promise<Outcome> {
  const args = ['-B', script, mode, address, shown, JSON.stringify(hello), String(patience)]
  const program = process.env.TUTTI_PYTHON || 'python3'
  const child = spawn(program, args, { env: { ...process.env, PYTHONPATH: modules }, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  assert.equal(err, '')
  return JSON.parse(out) as Outcome
}

interface Echo extends AsyncDisposable {
  readonly connection: Connection
  readonly hello: Json
  /** Says something, and waits for what comes back. */
  ask(body: Json, bytes?: Uint8Array): Promise<Message>
  readonly received: ReturnType<typeof collect>
  readonly outcome: Promise<Outcome>
}

async function echo(transport: Transport, hello: Json = null): Promise<Echo> {
  const { promise, resolve } = Promise.withResolvers<[Connection, Json]>()
  const listener = await transport.listen({ token, accept: (...caller) => resolve(caller) })
  const outcome = python('echo', listener.address, { hello })
  outcome.catch(() => undefined)
  const [connection, said] = await Promise.race([promise, outcome.then((how) => assert.fail(`${how}`))])
  const received = collect(connection)
  return {
    connection,
    hello: said,
    async ask(body, bytes) {
      connection.send(body, bytes)
      await received.until(1)
      return received.messages.shift() as Message
    },
    received,
    outcome,
    async [Symbol.asyncDispose]() {
      connection.close('the test is over')
      await connection.closed
      await listener[Symbol.asyncDispose]()
      await outcome
    },
  }
}

/** Somebody who treats each caller in that way; how Python takes it. */
async function treated(treat: (socket: Socket) => unknown, patience = 5): Promise<Outcome> {
  const server = createServer((socket) => void treat(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await python('dial', `tcp:127.0.0.1:${(server.address() as AddressInfo).port}`, { patience })
  } finally {
    server.close()
  }
}

/** The listener's side of the handshake, by hand. */
async function welcome(socket: Socket, version = 1, known = token): Promise<void> {
  const nonce = randomBytes(32)
  const theirs = (await read(socket, 48)).subarray(16)
  socket.write(preamble(version, nonce))
  await read(socket, 32)
  socket.write(Buffer.concat([Buffer.of(1, 0, 0, 0, 0, 0, 0, 0), proof(known, 'listener', 1, theirs, nonce)]))
  await read(socket, frame(3, 'null').length)
}

const { tree } = fc.letrec<{ tree: Json; list: readonly Json[]; record: Record<string, Json>; leaf: Json }>((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('list'), tie('record')),
  list: fc.array(tie('tree'), { maxLength: 4 }),
  record: fc.dictionary(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('$number', '$$number', '$number\n', '__proto__', '')),
    tie('tree'),
    {
      maxKeys: 4,
      noNullPrototype: true,
    },
  ),
  leaf: fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 2 ** 53, 1e21, 1e20),
    fc.integer(),
    fc.string({ unit: 'binary' }),
    fc.boolean(),
    fc.constant(null),
  ),
}))

const transports: Record<string, () => Transport> = { tcp: () => tcp(), tls: () => tls() }

for (const [name, make] of Object.entries(transports)) {
  suite(`Python over ${name}`, () => {
    test('all that JSON has, and the numbers that it has not, are the same on both sides', async () => {
      const hello = { role: 'host', text: 'é 漢 \u{1f600}' }
      await using caller = await echo(make(), hello)
      assert.deepStrictEqual(caller.hello, hello)
      const numbers = [Number.NaN, Infinity, -Infinity, -0, 0, 1, 1.5, 5e-324, 1e21, -(2 ** 53)]
      const seen = [
        'float nan',
        'float inf',
        'float -inf',
        'float -0.0',
        'int 0',
        'int 1',
        'float 1.5',
        'float 5e-324',
        'float 1e+21',
        `int ${-(2 ** 53)}`,
      ]
      assert.deepStrictEqual((await caller.ask(numbers)).body, [numbers, seen, null])
      const words = ['é "漢"\n\u0000', '\u{1f600}', '\ud800', true, null, { $number: 'NaN' }, { $$number: { $number: 3 } }]
      const read = [
        'é "漢"\n\u0000',
        '\u{1f600}',
        '\ud800',
        'bool True',
        'NoneType None',
        [['$number', 'NaN']],
        [['$$number', [['$number', 'int 3']]]],
      ]
      assert.deepStrictEqual((await caller.ask(words)).body, [words, read, null])
      await fc.assert(
        fc.asyncProperty(tree, fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined }), async (body, bytes) => {
          const back = await caller.ask([body], bytes)
          assert.deepStrictEqual((back.body as Json[])[0], [body])
          assert.deepStrictEqual(back.bytes, bytes)
        }),
        { numRuns: 500 },
      )
    })

    test('5 MiB of bytes, and many at once from several threads, arrive whole and in order', async () => {
      await using caller = await echo(make())
      const bytes = randomBytes(5 * 2 ** 20)
      for (let i = 0; i < 4; i++) caller.connection.send(i, bytes)
      await caller.received.until(4)
      for (const [i, message] of caller.received.messages.splice(0).entries()) {
        assert.deepStrictEqual(message.body, [i, `int ${i}`, createHash('sha256').update(bytes).digest('hex')])
        assert.ok(bytes.equals(message.bytes as Uint8Array))
      }
      caller.connection.send('many')
      for (let i = 0; i < 20; i++) caller.connection.send('meanwhile', bytes.subarray(0, 100_000))
      await caller.received.until(420)
      const next = [0, 0, 0, 0]
      let others = 0
      for (const { body, bytes } of caller.received.messages) {
        const [me, i] = body as [number | string, number]
        if (typeof me !== 'number') others++
        else {
          assert.equal(i, next[me])
          next[me] = i + 1
          assert.ok(bytes?.length === 10_000 && bytes.every((byte) => byte === me))
        }
      }
      assert.deepEqual([...next, others], [100, 100, 100, 100, 20])
      caller.received.messages.length = 0
    })

    test('whoever closes, the other learns the reason, after all that was said before it', async () => {
      const here = await echo(make())
      for (let i = 0; i < 10; i++) here.connection.send(i, Buffer.alloc(100_000))
      here.connection.close('generation 2 is not expected')
      assert.deepEqual(await here.outcome, ['Closed', 'generation 2 is not expected'])
      await here[Symbol.asyncDispose]()

      const there = await echo(make())
      there.connection.send('close')
      // It must be told though Python does not read this any more.
      for (let i = 0; i < 10; i++) there.connection.send(i, Buffer.alloc(1_000_000))
      assert.equal(await there.connection.closed, 'that is all')
      assert.deepEqual(await there.outcome, ['done', ''])
      await there[Symbol.asyncDispose]()
    })

    test('what is no plain data or too large is not sent, and all else goes on; one too large for Python closes with that reason', async () => {
      await using caller = await echo(make())
      const { body } = await caller.ask('refuse')
      const sentences = [
        /object is no plain data/,
        /the key 1 is no text/,
        /bytes is no plain data/,
        /67108866 bytes is larger than the limit of 67108864/,
      ]
      for (const [i, sentence] of sentences.entries()) assert.match((body as string[])[i] as string, sentence)
      caller.connection.send('x', Buffer.alloc(64 * 2 ** 20))
      assert.match(await caller.connection.closed, /67108867 bytes is larger than the limit of 67108864/)
      assert.match((await caller.outcome)[1], /larger than the limit/)
    })

    test('a wrong token is refused, and nobody there is unreachable', async () => {
      const accepted: Json[] = []
      const listener = await make().listen({ token, accept: (_, hello) => accepted.push(hello) })
      const [kind, sentence] = await python('dial', listener.address, { shown: 'a guess' })
      assert.equal(kind, 'Refused')
      assert.match(sentence, /does not accept the token/)
      assert.ok(sentence.includes(listener.address))
      assert.equal(accepted.length, 0)
      await listener[Symbol.asyncDispose]()
      const nobody = await python('dial', listener.address, { patience: 0.3 })
      assert.equal(nobody[0], 'Unreachable')
      assert.match(nobody[1], /for 0.3 s .*refused/)
    })
  })
}

suite('Python and TLS', () => {
  test('another certificate than the pinned one is refused at once, whoever shows it, and is told nothing', async () => {
    const accepted: Json[] = []
    await using real = await tls().listen({ token, accept: () => undefined })
    const [, pin] = real.address.split('/')
    await using other = await tls().listen({ token, accept: (_, hello) => accepted.push(hello) })
    const [place, shown] = other.address.split('/')
    const [kind, sentence] = await python('dial', `${place}/${pin}`)
    assert.equal(kind, 'Refused')
    assert.match(sentence, new RegExp(`it shows another certificate, of SHA-256 ${shown}, than the one that the address names`))
    assert.equal(accepted.length, 0)
  })

  test('TLS where there is none, and plain text where there is, end with a sentence', async () => {
    await using encrypted = await tls().listen({ token, accept: () => undefined })
    const [place = '', pin] = encrypted.address.split('/')
    const plain = await python('dial', place.replace('tls:', 'tcp:'), { patience: 0.5 })
    assert.equal(plain[0], 'Unreachable')
    assert.match(plain[1], /where it listens with TLS, the address begins with 'tls:'/)
    await using open = await tcp().listen({ token, accept: () => undefined })
    const crossed = await python('dial', `${open.address.replace('tcp:', 'tls:')}/${pin}`, { patience: 0.5 })
    assert.equal(crossed[0], 'Unreachable')
    assert.match(crossed[1], /TLS handshake|reset/)
    const server = createServer((socket) => socket.on('error', () => undefined).write('HTTP/1.1 400 Bad Request\r\n\r\n'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const speaks = await python('dial', `tls:127.0.0.1:${(server.address() as AddressInfo).port}/${pin}`)
    server.close()
    assert.equal(speaks[0], 'Refused')
    assert.match(speaks[1], /no TLS 1\.3 answers there/)
  })
})

suite('Python and listeners that are wrong', () => {
  test('one who does not know the token gets no hello', async () => {
    let more: Buffer | undefined
    const [kind, sentence] = await treated(async (socket) => {
      await welcome(socket, 1, 'another token')
      more = await read(socket, 1)
    })
    assert.equal(kind, 'Refused')
    assert.match(sentence, /the other side does not know the token/)
    assert.equal(more?.length, 0)
  })

  test('another version, something else, one who hangs up, and one who never answers are told apart', async () => {
    assert.equal((await treated((socket) => welcome(socket, 2)))[0], 'Version')
    for (const words of ['HTTP/1.1 400 Bad Request\r\n\r\n', 'SSH-2.0-x\r\n', 'tuttI']) {
      const [kind, sentence] = await treated((socket) => socket.write(words))
      assert.equal(kind, 'Refused')
      assert.match(sentence, /something else than tutti answers there/)
    }
    let calls = 0
    const hangUp = await treated((socket) => {
      calls++
      socket.end()
    }, 0.5)
    assert.equal(hangUp[0], 'Unreachable')
    assert.match(hangUp[1], /hung up without a word; where it listens with TLS, the address begins with 'tls:'/)
    assert.ok(calls > 1)
    assert.equal((await treated(() => undefined, 0.5))[0], 'Unreachable')
  })

  test('what is no message closes the connection with the reason, on both sides, before anything is kept for it', async () => {
    const cases: [Buffer, RegExp][] = [
      [Buffer.from('x'.repeat(16)), /no message/],
      [header(9, 4, 0), /no message/],
      [header(1, 4, 4), /no message/],
      [frame(1, '{"a":'), /no JSON/],
      [frame(1, ''), /no JSON/],
      [frame(1, 'NaN'), /no JSON/],
      [frame(1, '['.repeat(200_000)), /no JSON/],
      [frame(1, '{"$number":"three"}'), /no JSON/],
      [frame(1, Buffer.of(0x22, 0xff, 0x22)), /no JSON/],
      [frame(3, '{}'), /second hello/],
      [header(1, 64 * 2 ** 20 + 1, 0), /larger than the limit of 67108864/],
      [header(2, 2 ** 32 - 1, 2 ** 32 - 1), /larger than the limit/],
      [header(4, 2 ** 16 + 1, 0), /larger than the limit of 65536/],
    ]
    for (const [bytes, reason] of cases) {
      const goodbye = Promise.withResolvers<string>()
      const [kind, sentence] = await treated(async (socket) => {
        await welcome(socket)
        socket.write(Buffer.concat([frame(1, '"good"'), bytes]))
        const head = await read(socket, 16)
        goodbye.resolve(`${head.readUInt32LE(4)} ${await read(socket, head.readUInt32LE(8))}`)
        socket.end()
      })
      assert.equal(kind, 'Closed')
      assert.match(sentence, reason)
      assert.match(await goodbye.promise, new RegExp(`^4 ".*${reason.source}`))
    }
    const [kind, sentence] = await treated(async (socket) => {
      await welcome(socket)
      socket.resetAndDestroy()
    })
    assert.deepEqual([kind, sentence], ['Closed', 'the connection was cut'])
  })

  test('what is no address is said at once', async () => {
    for (const bad of [
      '',
      'tcp:a',
      'tcp:a:0',
      'tcp:::1:3',
      'tls:a:1',
      `tls:a:1/${'0'.repeat(63)}`,
      `tcp:a:1/${'0'.repeat(64)}`,
      'unix:/x',
    ]) {
      const [kind, sentence] = await python('dial', bad)
      assert.equal(kind, 'ValueError', bad)
      assert.match(sentence, /is no address that can be called/)
    }
  })
})
