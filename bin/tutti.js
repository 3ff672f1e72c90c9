#!/usr/bin/env node
// Starts the command line. This file is plain old JavaScript: it must also run on a Node that is too old for the rest.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const oldest = 24
const root = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))))

if (Number(process.versions.node.split('.')[0]) >= oldest) await start()
else startNewer()

async function start() {
  // Compiled code is kept between starts; what this process spawns finds it too.
  if (module.enableCompileCache) {
    const { directory } = module.enableCompileCache()
    if (directory) process.env.NODE_COMPILE_CACHE ??= directory
  }
  watchLauncher()
  // Whoever reads may stop reading: tutti runs export | head.
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
  // Nobody looks at the progress any more: what is worked on goes on.
  process.stderr.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error
  })
  const source = join(root, 'src/cli/main.ts')
  const inCheckout = existsSync(source)
  const { runProcess } = await import(inCheckout ? '../src/cli/main.ts' : '../dist/cli/main.js')
  // npm names itself to what it runs: people who came by npx will go on by npx.
  const program = inCheckout || process.env.npm_command !== undefined ? 'npx tutti' : 'tutti'
  process.exitCode = await runProcess(process.argv.slice(2), program)
  // A training file may have left a timer or a socket open; what was printed is waited for.
  process.stdout.write('', () => process.stderr.write('', () => process.exit()))
}

/** With the Node that npm installed beside this package. */
function startNewer() {
  const node = newerNode()
  if (node === undefined) {
    process.stderr.write(
      `tutti needs Node.js ${oldest} or newer, and this is ${process.versions.node}. Install it from https://nodejs.org, or beside tutti: npm install node@${oldest}\n`,
    )
    process.exit(2)
  }
  // The fourth channel only tells the child when this process is gone, even by kill -9.
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, TUTTI_LAUNCHED: '1' },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`tutti could not start ${node}: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

/** Ends as the launcher ended, so that nothing trains on unseen. */
function watchLauncher() {
  if (process.env.TUTTI_LAUNCHED === undefined) return
  delete process.env.TUTTI_LAUNCHED
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel?.unref()
}

/** The binary of the npm package 'node', of this package or of the project round it. */
function newerNode() {
  for (const base of [join(root, 'package.json'), join(process.cwd(), 'package.json')]) {
    for (const folder of createRequire(base).resolve.paths('node/') ?? []) {
      const path = join(folder, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
      if (!existsSync(path)) continue
      const { version } = JSON.parse(readFileSync(join(folder, 'node', 'package.json'), 'utf8'))
      if (Number(version.split('.')[0]) >= oldest) return path
    }
  }
  return undefined
}
