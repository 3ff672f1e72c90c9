import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { suite, test } from 'node:test'
import { tcp } from '../../src/net/index.ts'
import { authenticate, frame } from '../../src/net/testing/byHand.ts'
import { connected, token } from '../../src/net/testing/pair.ts'

suite('tcp', () => {
  test('listens on the loopback only', async () => {
    await using listener = await tcp().listen({ token, accept: () => undefined })
    assert.match(listener.address, /^tcp:127\.0\.0\.1:\d+$/)
  })

  test('a connection that is reset, also while much is being sent, is cut', async () => {
    await using pair = await connected(tcp())
    const socket = connect(Number(pair.listener.address.split(':')[2]), '127.0.0.1')
    await authenticate(socket, token)
    socket.write(frame(3, 'null'))
    while (pair.accepted.length < 2) await new Promise(setImmediate)
    const connection = pair.accepted[1] as typeof pair.far
    assert.match(connection.peer, /^127\.0\.0\.1:\d+$/)
    connection.send('much', new Uint8Array(2 ** 24))
    socket.resetAndDestroy()
    assert.equal(await connection.closed, 'the connection was cut')
    connection.send('nobody hears this')
    connection.close('again')
  })

  test('refuses options that it does not have', () => {
    assert.throws(() => tcp({ host: '0.0.0.0' } as never), { code: 'UNKNOWN_OPTION' })
  })
})
