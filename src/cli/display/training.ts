/** Shows a run as it happens: a live line on a terminal, one plain line an epoch elsewhere. */
import type { Clock } from '../../core/clock.ts'
import type { Terminal } from '../../core/console.ts'
import type { RunStart, Watcher } from '../../run/index.ts'
import type { Metrics, Progress } from '../../train/index.ts'
import { liveLine } from './liveLine.ts'
import { formatNumber } from './numbers.ts'
import { progressLine } from './progressLine.ts'
import { styleOf } from './style.ts'

/** Ten times a second is as often as an eye reads; drawing costs a step nothing in between. */
const drawEvery = 100
/** On a terminal, where the live line tells the rest, at most about so many lines of epochs stay. */
const epochLines = 20

export interface TrainingDisplay extends Watcher {
  /** Takes the live line away and says what has not been said. */
  close(): void
  /** A line that stays, such as a word about Ctrl-C. */
  say(text: string): void
}

export function trainingDisplay(terminal: Terminal, clock: Clock): TrainingDisplay {
  const line = liveLine(terminal)
  const { dim, yellow, bold } = styleOf(terminal.color)
  let start: RunStart | undefined
  let progress: Progress | undefined
  let base = 0
  let drawnAt = Number.NEGATIVE_INFINITY
  let epochBegan = 0
  let ended: { epoch: number; loss: number; metrics: Record<string, number>; seconds: number } | undefined

  function draw(): void {
    if (progress)
      line.draw(progressLine(progress, { base, columns: terminal.columns, style: styleOf(terminal.color), objective: start?.objective }))
  }

  /** Said late, when the next epoch begins: what is reported of an epoch comes after its end. */
  function sayEpoch(): void {
    if (!ended || !progress) return
    const { epoch, loss, metrics, seconds } = ended
    ended = undefined
    const thin = terminal.interactive ? Math.ceil(progress.epochs / epochLines) : 1
    if ((epoch + 1) % thin !== 0 && epoch + 1 !== progress.epochs) return
    const of = String(progress.epochs)
    const values = Object.entries({ loss, ...metrics }).map(([key, value]) => `${dim(key)} ${formatNumber(value)}`)
    line.print([`epoch ${String(epoch + 1).padStart(of.length)}/${of}`, ...values, dim(`${seconds.toFixed(1)} s`)].join('  '))
  }

  return {
    begin(run) {
      start = run
      const { name, seed, threads, config, resumed } = run
      const went = !resumed ? '' : resumed.checkpoint ? ` · on from ${resumed.checkpoint}` : ' · from the beginning: it had no checkpoint'
      const wide = threads === undefined ? '' : ` · ${threads} thread${threads === 1 ? '' : 's'}`
      line.print(`${bold(name)} ${dim(`· run ${run.run} · seed ${seed}${wide}${went}`)}`)
      const settings = Object.entries(config).map(([key, value]) => `${key}=${value}`)
      if (settings.length > 0) line.print(dim(settings.join(' ')))
    },
    report(_, metrics: Metrics) {
      if (ended) Object.assign(ended.metrics, metrics)
    },
    curve(_, { epochLoss }) {
      if (epochLoss === undefined || !progress) return
      const now = clock.elapsed()
      ended = { epoch: progress.epoch, loss: epochLoss, metrics: {}, seconds: (now - epochBegan) / 1000 }
      epochBegan = now
    },
    fold({ fold, folds, metrics, seconds }) {
      const values = Object.entries(metrics).map(([key, value]) => `${dim(key)} ${formatNumber(value)}`)
      const of = String(folds)
      line.print([`fold ${String(fold + 1).padStart(of.length)}/${of}`, ...values, dim(`${seconds.toFixed(1)} s`)].join('  '))
    },
    log(level, text) {
      sayEpoch()
      line.print(level === 'warn' ? `${yellow('warning')} ${text}` : text)
    },
    progress(next) {
      if (next !== progress) {
        sayEpoch()
        progress = next
        base = shareOf(next)
        epochBegan = clock.elapsed()
        drawnAt = Number.NEGATIVE_INFINITY
        draw()
        return
      }
      if (ended !== undefined && (next.phase === 'done' || next.epoch !== ended.epoch)) sayEpoch()
      if (next.examples > 0 && drawnAt === Number.NEGATIVE_INFINITY) base = Math.max(0, shareOf(next) - stepShare(next))
      // `elapsed` is measured by the fit anyway: no clock is asked here.
      if ((next.phase === 'train' || next.phase === 'learn') && next.elapsed - drawnAt < drawEvery) return
      drawnAt = next.elapsed
      draw()
    },
    close() {
      sayEpoch()
      line.clear()
    },
    say: (text) => line.print(text),
  }
}

function shareOf({ epoch, epochs, batch, batches }: Progress): number {
  return (epoch + (batches ? batch / batches : 0)) / epochs
}

function stepShare({ epochs, batches }: Progress): number {
  return batches ? 1 / batches / epochs : 0
}
