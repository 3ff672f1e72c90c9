/** What is left when the driver, or a worker, comes to a violent end: nothing. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { processes } from '../../src/cluster/index.ts'
import { company } from '../../src/cluster/testing/company.ts'

suite('violent ends', { skip: process.platform === 'win32' && 'there are no signals' }, () => {
  test('a driver that is killed leaves no process, busy or idle, and no socket', async () => {
    const place = await mkdtemp(join(tmpdir(), 'tutti-orphans-'))
    const driver = spawn(process.execPath, [join(import.meta.dirname, 'driver.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: place, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
    })
    try {
      const [line] = await once(driver.stdout, 'data')
      const { pids, folders } = JSON.parse(line) as { pids: number[]; folders: string[] }
      assert.equal(folders.length, 1)
      assert.ok(pids.length === 3 && pids.every(alive))
      driver.kill('SIGKILL')
      await once(driver, 'exit')
      while (pids.some(alive)) await new Promise((resolve) => setTimeout(resolve, 10))
      const left = await readdir(place)
      assert.deepEqual(
        left.filter((name) => name.startsWith('tutti-')),
        [],
      )
    } finally {
      driver.kill('SIGKILL')
      await rm(place, { recursive: true })
    }
  })

  test('a process that cannot start is given up, with what it said', async () => {
    await using group = await company(processes({ environment: { NODE_OPTIONS: '--nonsense' } }), { attempts: 1 })
    const [[, reason] = []] = await group.givenUp(1)
    assert.match(reason as string, /^exit code 9: .*--nonsense/)
  })

  test('a worker that runs out of memory says so', async () => {
    await using group = await company(processes({ environment: { NODE_OPTIONS: '--max-old-space-size=24' } }))
    const worker = await group.worker(0)
    group.order(worker, { do: 'hoard' })
    assert.match(await worker.lost, /^(SIGABRT|exit code 134): FATAL ERROR: .*heap/)
  })
})

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // Dead, though nobody has asked how it died: orphans in a container may stay so.
  const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] : undefined
  return state !== 'Z'
}
