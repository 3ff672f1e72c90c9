import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite, test } from 'node:test'
import { unix } from '../../src/net/index.ts'

const nobody = { token: 'secret', accept: () => undefined }
const skip = process.platform === 'win32' && 'there are no Unix sockets'

suite('unix', { skip }, () => {
  test('the socket is for this user only, and gone with its folder when the listening ends', async () => {
    const listener = await unix().listen(nobody)
    const path = listener.address.slice('unix:'.length)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.equal(statSync(dirname(path)).mode & 0o777, 0o700)
    assert.equal(unix().leavesBehind?.(listener.address), dirname(path))
    await listener[Symbol.asyncDispose]()
    assert.ok(!existsSync(dirname(path)))
  })

  test('where the folder for temporary files is too deep for a socket it is made elsewhere; where there is none, that is said', async () => {
    const before = process.env.TMPDIR
    const place = mkdtempSync(join(tmpdir(), 'tutti-unix-'))
    try {
      process.env.TMPDIR = join(place, 'deep'.repeat(30))
      mkdirSync(process.env.TMPDIR)
      await using listener = await unix().listen(nobody)
      assert.ok(listener.address.startsWith('unix:/tmp/'))
      process.env.TMPDIR = join(place, 'missing')
      await assert.rejects(unix().listen(nobody), { code: 'NET_LISTEN', message: /missing.*TMPDIR/ })
    } finally {
      process.env.TMPDIR = before
      if (before === undefined) delete process.env.TMPDIR
      rmSync(place, { recursive: true })
    }
  })

  test('sockets of the killed are swept away by the next who listens, and those of the living are not', async () => {
    const place = mkdtempSync(join(tmpdir(), 'tutti-unix-'))
    try {
      const folder = (name: string, hoursOld: number) => {
        const path = join(place, `tutti-socket-${name}`)
        mkdirSync(path)
        return { socket: join(path, 'socket'), age: () => utimesSync(path, new Date(), new Date(Date.now() - hoursOld * 3600e3)) }
      }
      const [dead, young, living, other] = [folder('dead', 1), folder('young', 0), folder('living', 1), folder('other', 1)]
      // Its maker was killed before the socket was there.
      const empty = folder('empty', 1)
      const script = "process.argv.slice(1).map((path) => require('net').createServer().listen(path, () => console.log('up')))"
      const killed = spawn(process.execPath, ['-e', script, dead.socket, young.socket])
      const alive = spawn(process.execPath, ['-e', script, living.socket])
      writeFileSync(other.socket, 'no socket')
      await Promise.all([once(killed.stdout, 'data'), once(alive.stdout, 'data')])
      while (!existsSync(dead.socket) || !existsSync(young.socket)) await new Promise(setImmediate)
      killed.kill('SIGKILL')
      await once(killed, 'exit')
      for (const { age } of [dead, young, living, other, empty]) age()
      const sweeper = spawn(
        process.execPath,
        [
          '-e',
          `import(${JSON.stringify(new URL('../../src/net/index.ts', import.meta.url).href)}).then(async ({ unix }) => {
          await using listener = await unix().listen({ token: 'x', accept() {} })
        })`,
        ],
        { env: { ...process.env, TMPDIR: place }, stdio: ['ignore', 'inherit', 'inherit'] },
      )
      assert.deepEqual(await once(sweeper, 'exit'), [0, null])
      alive.kill('SIGKILL')
      assert.deepEqual(readdirSync(place).toSorted(), ['tutti-socket-living', 'tutti-socket-other', 'tutti-socket-young'])
    } finally {
      rmSync(place, { recursive: true })
    }
  })
})
