/** A real browser, driven by its own protocol (Chrome DevTools), with what it says and asks written down. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface Browser extends AsyncDisposable {
  /** Opens an address in a new tab and waits until it has loaded. */
  open(url: string, size?: { readonly width: number; readonly height: number }): Promise<Tab>
}

export interface Tab {
  /** Errors and warnings, also those of the security policy. */
  readonly complaints: readonly string[]
  /** All addresses that were asked for. */
  readonly requests: readonly string[]
  /** The value of an expression in the page; promises are waited for. It must be JSON. */
  evaluate<T>(expression: string): Promise<T>
  /** From one place in the window to another with the button held. */
  drag(from: readonly [number, number], to: readonly [number, number]): Promise<void>
  key(name: string): Promise<void>
  resize(width: number, height: number): Promise<void>
  dark(on: boolean): Promise<void>
  /** PNG. */
  screenshot(): Promise<Uint8Array>
  close(): Promise<void>
}

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--hide-scrollbars', '--mute-audio']
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--disable-dev-shm-usage',
]
const longest = 30_000

/** @throws where there is none: in the tests that need it, missing is failing. */
export function findChromium(): string {
  const named = process.env.TUTTI_CHROMIUM
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found =
    named ??
    ['chromium', 'chromium-browser', 'google-chrome']
      .flatMap((name) => folders.map((folder) => join(folder, name)))
      .find((path) => existsSync(path))
  if (found === undefined || !existsSync(found))
    throw new Error(
      `No Chromium${named === undefined ? ' on the PATH' : ` at ${named}`}: apt-get install chromium, or name one by TUTTI_CHROMIUM.`,
    )
  return found
}

export async function startChromium(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'tutti-chromium-'))
  const child = spawn(findChromium(), [...flags, ...quiet, `--user-data-dir=${profile}`, '--remote-debugging-port=0', 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const connection = await connect(await addressOf(child))
  return {
    async open(url, { width, height } = { width: 1200, height: 900 }) {
      const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank' })
      const { sessionId } = await connection.send('Target.attachToTarget', { targetId, flatten: true })
      const send = (method: string, parameters: object = {}) => connection.send(method, parameters, sessionId)
      const complaints: string[] = []
      const requests: string[] = []
      let loaded = () => {}
      const whenLoaded = new Promise<void>((resolve) => {
        loaded = resolve
      })
      connection.listen(sessionId, (method, parameters) => {
        if (method === 'Network.requestWillBeSent') requests.push(parameters.request.url)
        if (method === 'Runtime.exceptionThrown')
          complaints.push(parameters.exceptionDetails.exception?.description ?? parameters.exceptionDetails.text)
        if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(parameters.type))
          complaints.push(JSON.stringify(parameters.args))
        if (method === 'Log.entryAdded' && ['error', 'warning'].includes(parameters.entry.level)) complaints.push(parameters.entry.text)
        if (method === 'Page.loadEventFired') loaded()
      })
      const resize = (width: number, height: number) =>
        send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false })
      for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`)
      await resize(width, height)
      await send('Page.navigate', { url })
      await within(whenLoaded, `${url} did not load`)
      const evaluate: Tab['evaluate'] = async (expression) => {
        const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
        if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`)
        return result.value
      }
      /** Two frames: sizes and colours that changed have been drawn. */
      const settled = () => evaluate<void>('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))')
      return {
        complaints,
        requests,
        evaluate,
        async drag([fromX, fromY], [toX, toY]) {
          const mouse = (type: string, x: number, y: number, buttons: number) =>
            send('Input.dispatchMouseEvent', { type, x, y, button: type === 'mouseMoved' ? 'none' : 'left', buttons, clickCount: 1 })
          await mouse('mouseMoved', fromX, fromY, 0)
          await mouse('mousePressed', fromX, fromY, 1)
          await mouse('mouseMoved', (fromX + toX) / 2, (fromY + toY) / 2, 1)
          await mouse('mouseMoved', toX, toY, 1)
          await mouse('mouseReleased', toX, toY, 0)
          await settled()
        },
        async key(name) {
          for (const type of ['keyDown', 'keyUp']) await send('Input.dispatchKeyEvent', { type, key: name })
          await settled()
        },
        async resize(width, height) {
          await resize(width, height)
          await settled()
        },
        async dark(on) {
          await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: on ? 'dark' : 'light' }] })
          await settled()
        },
        async screenshot() {
          return Buffer.from((await send('Page.captureScreenshot', { captureBeyondViewport: true })).data, 'base64')
        },
        async close() {
          await connection.send('Target.closeTarget', { targetId })
        },
      }
    },
    async [Symbol.asyncDispose]() {
      connection.close()
      child.kill()
      await within(gone, 'Chromium did not end')
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what the protocol answers has no types here
type Answer = any

interface Connection {
  send(method: string, parameters?: object, sessionId?: string): Promise<Answer>
  listen(sessionId: string, listener: (method: string, parameters: Answer) => void): void
  close(): void
}

async function connect(address: string): Promise<Connection> {
  const socket = new WebSocket(address)
  const waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>()
  const listeners = new Map<string, (method: string, parameters: Answer) => void>()
  let count = 0
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error, method, params, sessionId } = JSON.parse(data as string)
    if (id === undefined) return listeners.get(sessionId)?.(method, params)
    const call = waiting.get(id)
    waiting.delete(id)
    if (error) call?.reject(new Error(error.message))
    else call?.resolve(result)
  })
  socket.addEventListener('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Chromium has gone'))
  })
  await within(
    new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve())
      socket.addEventListener('error', () => reject(new Error(`Chromium does not answer at ${address}`)))
    }),
    'Chromium did not answer',
  )
  return {
    send(method, parameters = {}, sessionId) {
      const id = ++count
      socket.send(JSON.stringify({ id, method, params: parameters, sessionId }))
      return within(new Promise((resolve, reject) => waiting.set(id, { resolve, reject })), `${method} was not answered`)
    },
    listen: (sessionId, listener) => void listeners.set(sessionId, listener),
    close: () => socket.close(),
  }
}

/** Where it listens: its first words. */
function addressOf(child: ChildProcess): Promise<string> {
  let said = ''
  return within(
    new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`Chromium ended: ${said}`)))
      child.stderr?.on('data', (bytes: Buffer) => {
        said += bytes
        const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1]
        if (address !== undefined) resolve(address)
      })
    }),
    'Chromium did not start',
  )
}

async function within<T>(promise: Promise<T>, problem: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${problem} in ${longest / 1000} seconds`)), longest)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
