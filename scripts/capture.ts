/**
 * Makes docs/images/train.svg: a picture of a terminal, drawn from what a real run of the main job wrote to it.
 *
 * Run it with `node scripts/capture.ts`; it trains once, in a temporary folder.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { main } from '../src/cli/main.ts'
import { realClock } from '../src/core/clock.ts'
import { memoryHost } from '../src/core/process.ts'

const root = resolve(import.meta.dirname, '..')
const columns = 92
const typed = 'npx tutti train examples/01-mnist/train.ts --set source=digits'

/** A piece of a line in one style. */
interface Piece {
  readonly text: string
  readonly style: string
}
type Line = Piece[]

const written = await recordRun(typed.split(' ').slice(2))
const [middle, end] = [screenOf(written.slice(0, liveLineAt(written))), screenOf(written)]
// Above: as it looked when most of the epochs were done. Below: the end, from the last epoch on.
const lastEpoch = end.findLastIndex((line) => textOf(line).startsWith('epoch'))
mkdirSync(join(root, 'docs/images'), { recursive: true })
writeFileSync(join(root, 'docs/images/train.svg'), svgOf([command(typed), ...middle], end.slice(lastEpoch)))

/** What the run wrote, write by write. */
async function recordRun(args: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'capture-'))
  const writes: string[] = []
  const write = (text: string) => void writes.push(text)
  const terminal = { out: write, err: write, interactive: true, columns, color: true, outColor: true }
  try {
    cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true })
    process.chdir(folder)
    const code = await main(args, { terminal, host: memoryHost(), clock: realClock, program: 'npx tutti', debug: false })
    if (code !== 0) throw new Error(`the run ended with ${code}:\n${writes.join('')}`)
  } finally {
    process.chdir(root)
    rmSync(folder, { recursive: true, force: true })
  }
  return writes
}

/** The write after which the live line says that two thirds of the training are done. */
function liveLineAt(writes: readonly string[]): number {
  const shares = writes.map((text) => {
    const [, epoch, epochs] = (!text.includes('\n') && /epoch +(\d+)\/(\d+)/.exec(text)) || []
    return epoch === undefined ? 0 : Number(epoch) / Number(epochs)
  })
  return shares.findLastIndex((share) => share > 0 && share <= 0.7) + 1
}

/** What a terminal shows after these writes: line breaks, returns, erased lines and colors. */
function screenOf(writes: readonly string[]): Line[] {
  const lines: Line[] = [[]]
  const styles = new Set<string>()
  const names: Readonly<Record<string, string>> = { 1: 'bold', 2: 'dim', 31: 'red', 32: 'green', 33: 'yellow', 36: 'cyan' }
  const ends: Readonly<Record<string, readonly string[]>> = { 22: ['bold', 'dim'], 39: ['red', 'green', 'yellow', 'cyan'] }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals are told with
  for (const [token] of writes.join('').matchAll(/\x1b\[\d*[mK]|\r|\n|[^\x1b\r\n]+/g)) {
    if (token === '\n') lines.push([])
    else if (token === '\x1b[2K') lines[lines.length - 1] = []
    else if (token.startsWith('\x1b[')) {
      const code = token.slice(2, -1)
      if (names[code]) styles.add(names[code])
      for (const name of ends[code] ?? []) styles.delete(name)
    } else if (token !== '\r') lines.at(-1)?.push({ text: token, style: [...styles].join(' ') })
  }
  while (lines.at(-1)?.length === 0) lines.pop()
  return lines
}

function textOf(line: Line): string {
  return line.map(({ text }) => text).join('')
}

function command(text: string): Line {
  return [
    { text: '$ ', style: 'green' },
    { text, style: 'bold' },
  ]
}

function svgOf(first: readonly Line[], second: readonly Line[]): string {
  // Pixels: of a column, of a line, around all, of the bar on top; the size of letters.
  const [cell, row, pad, bar, font] = [8.4, 20, 22, 40, 14]
  const gap = 24
  const width = Math.ceil(columns * cell + 2 * pad)
  const height = bar + (first.length + second.length) * row + gap + pad
  const rule = bar + first.length * row + gap / 2
  const lines = [
    ...first.map((line, i) => draw(line, bar + (i + 0.7) * row)),
    `<path d="M${pad} ${rule}H${width - pad}" class="rule"/>`,
    ...second.map((line, i) => draw(line, bar + gap + (first.length + i + 0.7) * row)),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A training run in a terminal: above while it runs, below its end">
<style>
text{font:${font}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d7dce5;white-space:pre}
.bold{font-weight:600;fill:#fff}.dim{fill:#8791a5}.green{fill:#7fd18c}.cyan{fill:#5cc8d7}.yellow{fill:#e6c467}.red{fill:#ee7f7f}
.rule{stroke:#333b4d;stroke-dasharray:2 5;fill:none}
</style>
<rect width="${width}" height="${height}" rx="10" fill="#171b24"/>
<circle cx="22" cy="19" r="5.5" fill="#ed6a5e"/><circle cx="41" cy="19" r="5.5" fill="#f4bf4f"/><circle cx="60" cy="19" r="5.5" fill="#61c554"/>
${lines.filter((line) => line !== '').join('\n')}
</svg>
`

  /** Every word stands at its column, whatever the font's own width; bars are drawn as lines, which fonts leave gaps in. */
  function draw(line: Line, y: number): string {
    let column = 0
    const parts: string[] = []
    for (const { text, style } of line) {
      for (const [word] of text.matchAll(/[━╸]+|─+| +|[^ ━╸─]+/g)) {
        const [x, length] = [pad + column * cell, word.length * cell]
        column += word.length
        if (word[0] === ' ') continue
        const lineOf = word[0] === '─' ? ['#3d475c', 2] : ['#5cc8d7', 4]
        if (/[━╸─]/.test(word))
          parts.push(`<path d="M${round(x)} ${round(y - 5)}h${round(length)}" stroke="${lineOf[0]}" stroke-width="${lineOf[1]}"/>`)
        else
          parts.push(
            `<text x="${round(x)}" y="${round(y)}" textLength="${round(length)}" lengthAdjust="spacingAndGlyphs"${style && ` class="${style}"`}>${markup(word)}</text>`,
          )
      }
    }
    return parts.join('')
  }
}

function round(x: number): number {
  return Math.round(x * 10) / 10
}

function markup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
