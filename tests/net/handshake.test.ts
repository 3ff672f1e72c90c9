/** The caller's side, against listeners that are wrong; the listener's side is in the conformance suite. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { suite, test } from 'node:test'
import { dial, tcp } from '../../src/net/index.ts'
import { frame, preamble, proof, read } from '../../src/net/testing/byHand.ts'

const token = 'secret'
const nonce = Buffer.alloc(32, 9)

/** Dials somebody who treats each caller in that way. */
async function dialled(treat: (socket: Socket) => unknown, patience = 2000): Promise<unknown> {
  const server = createServer(async (socket) => {
    socket.on('error', () => undefined)
    await treat(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    const connection = await dial(`tcp:127.0.0.1:${port}`, { token, hello: 'hello', patience })
    connection.close()
    await connection.closed
    return 'connected'
  } catch (error) {
    return (error as { code: string }).code
  } finally {
    server.close()
  }
}

suite('the caller', () => {
  test('gets in by the protocol as described, and says hello only to those who know the token', async () => {
    const said = Promise.withResolvers<Buffer>()
    const right = async (socket: Socket) => {
      const theirs = (await read(socket, 48)).subarray(16)
      socket.write(preamble(1, nonce))
      assert.ok((await read(socket, 32)).equals(proof(token, 'caller', 1, theirs, nonce)))
      socket.write(Buffer.concat([Buffer.of(1, 0, 0, 0, 0, 0, 0, 0), proof(token, 'listener', 1, theirs, nonce)]))
      said.resolve(await read(socket, 24))
      socket.destroy()
    }
    assert.deepEqual(await dialled(right), 'connected')
    assert.deepEqual(await said.promise, frame(3, '"hello"'))
  })

  test('does not speak with one who accepts everybody but does not know the token', async () => {
    let more: Buffer = Buffer.alloc(0)
    const code = await dialled(async (socket) => {
      const theirs = (await read(socket, 48)).subarray(16)
      socket.write(preamble(1, nonce))
      const theirProof = await read(socket, 32)
      // Its own proof sent back to it is none.
      assert.ok(theirProof.equals(proof(token, 'caller', 1, theirs, nonce)))
      socket.write(Buffer.concat([Buffer.of(1, 0, 0, 0, 0, 0, 0, 0), theirProof]))
      more = await read(socket, 1)
    })
    assert.equal(code, 'NET_REFUSED')
    assert.equal(more.length, 0, 'a hello was sent')
  })

  test('says what is wrong: another version, something else that answers', async () => {
    assert.equal(await dialled((socket) => socket.write(preamble(2, nonce))), 'NET_VERSION')
    assert.equal(await dialled((socket) => socket.end(`HTTP/1.1 400 Bad Request\r\n${'x'.repeat(100)}`)), 'NET_REFUSED')
  })

  test('tries again until its patience ends: with one who hangs up, and one who never answers', async () => {
    let calls = 0
    const hangUp = (socket: Socket) => {
      calls++
      socket.end()
    }
    assert.equal(await dialled(hangUp, 500), 'NET_UNREACHABLE')
    assert.ok(calls > 1, `${calls} calls`)
    assert.equal(await dialled(() => undefined, 100), 'NET_UNREACHABLE')
    await using listener = await tcp().listen({ token, accept: () => undefined })
    const [, , port] = listener.address.split(':')
    await listener[Symbol.asyncDispose]()
    const early = dial(listener.address, { token, hello: null })
    await new Promise((resolve) => setTimeout(resolve, 50))
    await using late = await tcp({ port: Number(port) }).listen({ token, accept: () => undefined })
    assert.equal(late.address, listener.address)
    await assert.rejects(tcp({ port: Number(port) }).listen({ token, accept: () => undefined }), { code: 'NET_LISTEN' })
    ;(await early).close()
  })

  test('tells what it met with, not that its last call had no time left', async () => {
    let calls = 0
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      // The first hears at once, the others hear nothing.
      if (calls++ === 0) socket.resetAndDestroy()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      const refused = dial(`tcp:127.0.0.1:${port}`, { token, hello: null, patience: 1000 })
      await assert.rejects(refused, { code: 'NET_UNREACHABLE', message: /ECONNRESET|ended too early/ })
    } finally {
      server.close()
    }
  })

  test('knows the transports by the beginning of an address', async () => {
    for (const address of ['', 'unix', 'pigeon:3', '__proto__:1', ':']) {
      await assert.rejects(dial(address, { token, hello: null }), { code: 'NET_ADDRESS' })
    }
  })
})
