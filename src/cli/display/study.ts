/** Shows a study as it happens: a table that is redrawn on a terminal, a plain line for a trial elsewhere. */
import type { Clock } from '../../core/clock.ts'
import type { SharedProgress } from '../../hpo/index.ts'
import type { EndedTrial, StudyStart, StudyWatcher } from '../../run/index.ts'
import { failureTeller, hasFailed } from './failures.ts'
import { fit, printable } from './fit.ts'
import { liveBlock, type Screen } from './liveBlock.ts'
import { formatClock } from './numbers.ts'
import { studyLines } from './studyLive.ts'
import { assignmentText, countsText, doneOf, goalText, objectiveText, paintState, stageText, withoutText } from './studyWords.ts'
import { styleOf } from './style.ts'

/** Often enough for an eye; a study of short trials has better things to do. */
const drawEvery = 200
/** Where lines stay, at most about so many of them are for trials that are neither the best so far nor the first to fail so. */
const mostLines = 200

export interface StudyDisplay extends StudyWatcher {
  /** Takes the table away and says what has not been said. */
  close(): void
}

export function studyDisplay(terminal: Screen, clock: Clock): StudyDisplay {
  const block = liveBlock(terminal)
  const style = styleOf(terminal.color)
  const { bold, dim, red, green } = style
  const failures = failureTeller()
  let start: StudyStart | undefined
  let timer: { stop(): void } | undefined
  let drawnAt = Number.NEGATIVE_INFINITY

  const draw = () => {
    if (!start || !terminal.interactive) return
    drawnAt = clock.elapsed()
    block.draw(studyLines(start.progress(), { columns: terminal.columns, rows: block.rows, style }))
  }
  const drawIfDue = () => {
    if (clock.elapsed() - drawnAt >= drawEvery) draw()
  }
  /** A line of our own, which is not to break on a terminal. */
  const print = (line: string) => block.print(terminal.interactive ? fit(line, terminal.columns - 1) : line)

  const trialLine = ({ number, state, metrics, assignment, without, best }: EndedTrial): string => {
    const { objectives = [], progress } = start ?? {}
    const width = String(Math.max(1, (progress?.().wanted.trials ?? 1000) - 1)).length
    // On a terminal only the best so far are told: they have all finished.
    const shown = terminal.interactive ? '' : paintState(state, style)(state.padEnd(8))
    const parts = [`trial ${String(number).padStart(width)}`, shown, objectiveText(objectives, metrics, style)]
    // Of an ablation the best is not what is looked for.
    const about = without ? [dim(withoutText(without))] : [best ? green('best so far') : '', dim(assignmentText(assignment))]
    return [...parts, ...about].filter((part) => part !== '').join('  ')
  }

  return {
    begin(run) {
      // Of several studies one after another, each has its own.
      timer?.stop()
      start = run
      const { name, study, sampler, pruner, seed, workers, engine, objectives, space, resumed } = run
      const about = `study ${study} · ${sampler} · ${pruner} · seed ${seed} · ${workers} × ${engine}`
      print(`${bold(printable(name))} ${dim(`· ${printable(about)}`)}`)
      const names = Object.keys(space).map(printable)
      const goal = `${goalText(objectives)}${names.length === 0 ? '' : ` over ${names.join(', ')}`}`
      const before = resumed ? countsText(run.progress().counts, styleOf(false)).replaceAll('  ', ', ') : ''
      print(dim(resumed ? `goes on${before && ` after ${before}`} · ${goal}` : goal))
      draw()
      if (terminal.interactive) timer = clock.every(drawEvery, draw)
    },
    ended(trial) {
      if (hasFailed(trial)) {
        const told = failures.tell(trial)
        if (told && 'count' in told) block.print(dim(told.count))
        const [first, ...rest] = told && 'reason' in told ? told.reason : []
        if (first !== undefined) block.print(`trial ${trial.number}  ${red(trial.state)}  ${first}`)
        for (const line of rest) block.print(`  ${line}`)
      } else if (terminal.interactive ? trial.best && !trial.without : trial.best || isTold(start)) print(trialLine(trial))
      drawIfDue()
    },
    output(rank, text) {
      for (const line of text.trimEnd().split('\n')) block.print(dim(`[worker ${rank}] ${printable(line)}`))
      drawIfDue()
    },
    stage(progress) {
      const told = stageText(progress)
      const eta = progress.eta === undefined || progress.unitsDone >= progress.units ? '' : `, ETA ${formatClock(progress.eta / 1000)}`
      if (!terminal.interactive && isStageTold(progress)) print(dim(`${told}${eta}`))
      drawIfDue()
    },
    say(text) {
      block.print(text)
      draw()
    },
    close() {
      timer?.stop()
      for (const line of failures.close()) block.print(dim(line))
      block.clear()
      start = undefined
    },
  }
}

/** Of many folds of many families, some. */
function isStageTold({ units, unitsDone }: SharedProgress): boolean {
  return unitsDone % Math.ceil(Math.max(1, units) / mostLines) === 0
}

/** Whether a trial is told of where every line stays: all of a small study, ever fewer of one without an end. */
function isTold(start: StudyStart | undefined): boolean {
  if (!start) return true
  const { counts, wanted } = start.progress()
  const done = doneOf(counts)
  const stride =
    wanted.trials === undefined ? 2 ** Math.floor(Math.log2(Math.max(1, done / (mostLines / 4)))) : Math.ceil(wanted.trials / mostLines)
  return done % stride === 0
}
