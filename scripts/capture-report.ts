/**
 * Makes docs/images/report.png and early.png: parts of the pages of two real studies, those of the tutorial on studies.
 *
 * Run it with `node scripts/capture-report.ts`; it follows the tutorial's commands in a temporary folder, and needs Chromium.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { blocksOf } from '../tests/docs/markdown.ts'
import { startChromium, type Tab } from '../tests/heavy/chromium.ts'

const root = resolve(import.meta.dirname, '..')
const page = 'docs/tutorials/03-tune-it.md'
/** Pixels; small enough for a column of text to show it without loss. */
const width = 1000

const folder = mkdtempSync(join(tmpdir(), 'capture-'))
try {
  for (const { language, code } of blocksOf(page)) {
    const [, path] = /^\/\/ (\S+)$/m.exec(code.split('\n')[0] as string) ?? []
    if (path) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), code)
    }
    if (language === 'console') for (const [, args = ''] of code.matchAll(/^\$ npx tutti (tune .*)$/gm)) tutti(args.split(' '))
  }
  await using browser = await startChromium()
  for (const [study, file, ids] of [
    ['digits', 'report.png', ['history', 'importance', 'parallel']],
    ['early', 'early.png', ['curves']],
  ] as const) {
    const html = join(folder, `${study}.html`)
    tutti(['report', study, '--html', html])
    const tab = await browser.open(pathToFileURL(html).href, { width, height: 900 })
    await cut(await tab.screenshot(), await frameOf(tab, ids), join(root, 'docs/images', file))
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function tutti(args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/tutti.js'), ...args], { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`tutti ${args.join(' ')} ended with ${status}:\n${stderr}`)
}

interface Frame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Round these sections of the page, which follow each other. */
function frameOf(tab: Tab, ids: readonly string[]): Promise<Frame> {
  return tab.evaluate<Frame>(`(() => {
    const boxes = ${JSON.stringify(ids)}.map((id) => document.getElementById(id).getBoundingClientRect())
    const [top, bottom] = [boxes[0].top + scrollY, boxes.at(-1).bottom + scrollY]
    return { left: Math.floor(boxes[0].left), top: Math.floor(top), width: Math.ceil(boxes[0].width), height: Math.ceil(bottom - top) }
  })()`)
}

/** As few colours as such charts have: a third of the bytes. */
async function cut(png: Uint8Array, frame: Frame, file: string): Promise<void> {
  writeFileSync(file, await sharp(png).extract(frame).png({ palette: true, colours: 96, effort: 10, compressionLevel: 9 }).toBuffer())
}
