/** bin/tutti.js: the program as people start it, also by a Node that is too old for it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { suite, test } from 'node:test'
import { openStore } from '../../src/store/index.ts'
import { bin, lastLine, root, start, temporary, tiny } from '../run/place.ts'

/** A Node before 24, where this machine has one. */
const old = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  .map((folder) => join(folder, 'node'))
  .find((path) => existsSync(path) && Number(/^v(\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout)?.[1]) < 24)
const withOld = { skip: old === undefined && 'this machine has no older Node' }

suite('bin/tutti.js', () => {
  test('starts, prints to stdout, and exits with the code of the command', async () => {
    const version = start(['--version'])
    assert.equal(await version.exit, 0, version.stderr)
    assert.match(version.stdout, /^tutti \d+\.\d+\.\d+\n$/)
    assert.equal(version.stderr, '', 'no warnings')
    assert.equal(await start(['nothing']).exit, 2)
  })

  test('whoever looks at its progress may stop looking: what it works on goes on', async () => {
    await using folder = await temporary()
    const program = start(['train', tiny, '--store', folder.store, '--json', '--set', 'epochs=300'])
    while (!program.stderr.includes(' 2/300')) await new Promise((resolve) => setTimeout(resolve, 5))
    program.process.stderr?.destroy()
    assert.equal(await program.exit, 0)
    assert.equal(JSON.parse(lastLine(program.stdout)).status, 'finished')
  })

  test('is plain JavaScript that Node 20 can read', async () => {
    const text = await readFile(bin, 'utf8')
    assert.match(text, /^#!\/usr\/bin\/env node\n/)
    assert.doesNotMatch(text, /from '(?!node:)/, 'imports nothing but what Node has')
  })

  test('on an older Node goes on with the one npm installed', withOld, async () => {
    const info = start(['info', '--json'], old)
    assert.equal(await info.exit, 0, info.stderr)
    assert.ok(Number(/^v(\d+)/.exec(JSON.parse(info.stdout).node)?.[1]) >= 24)
    assert.equal(await start(['nothing'], old).exit, 2)
  })

  test('on an older Node passes signals on, and what it started ends with it', withOld, async () => {
    await using folder = await temporary()
    const train = async () => {
      const program = start(['train', tiny, '--store', folder.store, '--json', '--set', 'epochs=100000'], old)
      while (!program.stderr.includes(' 2/100000')) await new Promise((resolve) => setTimeout(resolve, 5))
      return program
    }
    const stopped = await train()
    stopped.process.kill('SIGINT')
    assert.equal(await stopped.exit, 130)
    assert.equal(JSON.parse(lastLine(stopped.stdout)).status, 'interrupted')
    const killed = await train()
    killed.process.kill('SIGKILL')
    // Its output is closed only when both processes have ended; the system may still list the second one for a moment.
    assert.equal(await killed.exit, 'SIGKILL')
    await using store = await openStore({ path: folder.store, readOnly: true })
    const status = async () => (await store.run('last')).status
    for (let tries = 0; tries < 200 && (await status()) === 'running'; tries++) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.equal(await status(), 'lost')
  })

  test('on an older Node without a newer one says what to install', withOld, async () => {
    await using folder = await temporary()
    await mkdir(join(folder.path, 'bin'))
    await cp(bin, join(folder.path, 'bin/tutti.js'))
    await cp(join(root, 'package.json'), join(folder.path, 'package.json'))
    const { status, stderr } = spawnSync(old as string, [join(folder.path, 'bin/tutti.js'), 'info'], { cwd: folder.path, encoding: 'utf8' })
    assert.equal(status, 2)
    assert.match(stderr, /^tutti needs Node\.js 24 or newer, and this is \d+\.\d+\.\d+\. Install it .*npm install node@24\n$/)
  })
})
