import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { suite, test } from 'node:test'
import { tcp } from '../../src/net/index.ts'
import { authenticate, frame } from '../../src/net/testing/byHand.ts'
import { collect, connected, token } from '../../src/net/testing/pair.ts'

const linux = process.platform === 'linux'
const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all)
const has = (family: string) => addresses.some((one) => one.family === family)
const own = (family: string) => addresses.find((one) => one.family === family && !one.internal)?.address

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

  test('beyond the loopback it listens where it is told to, and says so', () => {
    assert.equal(tcp().reach, 'machine')
    assert.equal(tcp({ host: '127.0.0.1', advertise: 'far.example' }).reach, 'machine')
    assert.equal(tcp({ host: '::1' }).reach, 'machine')
    for (const host of ['0.0.0.0', '::', '10.1.2.3', 'node.example']) assert.equal(tcp({ host }).reach, 'network')
  })

  test('callers are told what is advertised, with the port that was taken where none is given', async () => {
    const told = async (options: Parameters<typeof tcp>[0]) => {
      await using listener = await tcp(options).listen({ token, accept: () => undefined })
      return listener.address
    }
    assert.match(await told({ advertise: 'far.example' }), /^tcp:far\.example:[1-9]\d*$/)
    assert.equal(await told({ advertise: 'far.example:4711' }), 'tcp:far.example:4711')
    assert.match(await told({ advertise: '::1' }), /^tcp:\[::1\]:[1-9]\d*$/)
    assert.equal(await told({ advertise: '[fd00::2]:4711' }), 'tcp:[fd00::2]:4711')
    assert.match(await told({ host: '0.0.0.0' }), /^tcp:0\.0\.0\.0:\d+$/)
  })

  test('IPv6', { skip: has('IPv6') ? false : 'this machine has none' }, async () => {
    await using pair = await connected(tcp({ host: '::1' }))
    assert.match(pair.listener.address, /^tcp:\[::1\]:\d+$/)
    assert.match(pair.far.peer, /^\[::1\]:\d+$/)
    const received = collect(pair.far)
    pair.near.send('hello')
    await received.until(1)
  })

  // The system's own table says whether it will ask (timer 2), and when, in hundredths of a second.
  const network = linux && own('IPv4')
  test('a silent machine is asked whether it is still there; this one is not', {
    skip: network ? false : 'needs Linux and a network',
  }, async () => {
    for (const [host, asked] of [[network as string, true] as const, ['127.0.0.1', false] as const]) {
      await using pair = await connected(tcp({ host: '0.0.0.0', advertise: host }))
      const port = Number(pair.listener.address.split(':')[2])
      let timers = tcpTimers(host, port)
      // What was sent last may not be acknowledged yet.
      while (timers.some(({ kind }) => kind === 1)) {
        await new Promise(setImmediate)
        timers = tcpTimers(host, port)
      }
      assert.equal(timers.length, 2, 'both ends')
      for (const { kind, due } of timers) {
        assert.equal(kind === 2, asked)
        if (asked) assert.ok(due > 1000 && due <= 2000, `in ${due / 100} s`)
      }
    }
  })

  test('refuses what it does not have, and what is no place, with what it wants', async () => {
    assert.throws(() => tcp({ hots: '0.0.0.0' } as never), { code: 'UNKNOWN_OPTION' })
    for (const bad of [
      { host: 'a:1' },
      { host: '' },
      { port: -1 },
      { port: 65536 },
      { port: 1.5 },
      { advertise: 'a:0' },
      { advertise: 'tcp:a:1' },
    ]) {
      assert.throws(() => tcp(bad), { code: 'BAD_OPTION', message: new RegExp(`'${Object.keys(bad)[0]}'`) })
    }
    const notHere = tcp({ host: '198.51.100.7' }).listen({ token, accept: () => undefined })
    await assert.rejects(notHere, { code: 'NET_LISTEN', message: /198\.51\.100\.7:0.*an address of this machine/ })
    for (const bad of ['tcp:localhost', 'tcp:::1:4711', 'tcp:a:1/x']) {
      await assert.rejects(tcp().dial(bad, { token, hello: null }), { code: 'NET_ADDRESS' })
    }
  })
})

/** Of established connections from or to a place: the kind of their timer, and when it is due. Other programs have the same port elsewhere. */
function tcpTimers(host: string, port: number): { kind: number; due: number }[] {
  const digits = (number: number, length: number) => number.toString(16).toUpperCase().padStart(length, '0')
  // As a little-endian machine has the four bytes in a number.
  const place = `${digits(Buffer.from(host.split('.').map(Number)).readUInt32LE(), 8)}:${digits(port, 4)}`
  const fields = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  return fields
    .filter(([, here = '', there = '', state]) => state === '01' && (here === place || there === place))
    .map(([, , , , , timer = '']) => ({ kind: Number(timer.slice(0, 2)), due: Number.parseInt(timer.slice(3), 16) }))
}
