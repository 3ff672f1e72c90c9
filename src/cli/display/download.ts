/** Shows downloads of named sets. */
import { formatBytes } from '../../core/bytes.ts'
import type { Clock } from '../../core/clock.ts'
import type { Terminal } from '../../core/console.ts'
import type { DownloadProgress } from '../../data/index.ts'
import { bar } from './bar.ts'
import { liveLine } from './liveLine.ts'
import { styleOf } from './style.ts'

const drawEvery = 100

/** A listener for the data room: a bar on a terminal, a line when a file begins and one when it is there elsewhere. */
export function downloadDisplay(terminal: Terminal, clock: Clock): (progress: DownloadProgress) => void {
  const line = liveLine(terminal)
  const { cyan, dim } = styleOf(terminal.color)
  let current: string | undefined
  let drawnAt = Number.NEGATIVE_INFINITY
  return ({ file, received, total }) => {
    const done = total !== undefined && received >= total
    if (!terminal.interactive && file !== current) line.print(`downloading ${file}${total === undefined ? '' : ` (${formatBytes(total)})`}`)
    current = file
    if (done) {
      line.clear()
      line.print(`downloaded ${file} (${formatBytes(received)})`)
      current = undefined
      return
    }
    if (clock.elapsed() - drawnAt < drawEvery) return
    drawnAt = clock.elapsed()
    const of = total === undefined ? '' : ` of ${formatBytes(total)}`
    const drawn = total === undefined ? undefined : bar(received / total, 24)
    line.draw(`${file}  ${drawn ? `${cyan(drawn.done)}${dim(drawn.left)}  ` : ''}${formatBytes(received)}${of}`)
  }
}
