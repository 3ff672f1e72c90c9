/** Rungs on which trials rest until they have earned to go on: the asynchronous successive halving that `asha` and `hyperband` share. */
import type { Pruning, Verdict } from '../pruner.ts'
import type { StudyView, TrialView } from '../trial.ts'
import { type Sorted, sorted } from './sorted.ts'

export interface LadderOptions {
  /** Reports up to the first rung; each rung is `eta` times as far. */
  readonly minResource: number
  readonly eta: number
  /** Reports of a whole training as far as that is known, else Infinity: rungs from there on stop nobody. */
  readonly end: () => number
}

/** The trials of one ladder. A trial that the view shows as paused is said to rest. */
export interface Ladder {
  /** A trial of this ladder has begun. */
  enter(): void
  /** After a report; a trial that is kept is counted, but goes on at every rung, unless it has diverged. */
  judge(trial: TrialView, keep?: boolean): Verdict
  ended(trial: TrialView): void
  /** Takes notice of who rests by now, and who no longer does. */
  look(): void
  /** The best resting trial that may go on, of the highest rung that has one. */
  promotable(): Promotion | undefined
  /** Where nobody runs and nobody has finished: the best of the highest rung, so that each ladder trains one trial to the end. */
  last(): Promotion | undefined
  /** How many have begun, are open, and do not rest. */
  readonly running: number
}

export interface Promotion {
  readonly trial: number
  /** Of the rung it stands on. */
  readonly resource: number
}

/** A trial's place on the highest rung it has come to. */
interface Climber {
  readonly view: TrialView
  readonly number: number
  rung: number
  loss: number
  /** How many had come to the rung before it. */
  order: number
  /** leaving: told to pause, and not yet seen resting. */
  state: 'going' | 'leaving' | 'resting' | 'stopped'
}

type Standing = Pick<Climber, 'loss' | 'order'>

interface Rung {
  readonly resource: number
  /** All that have come to it. */
  readonly come: Sorted<Standing>
  readonly resting: Sorted<Climber>
}

export function ladder({ minResource, eta, end }: LadderOptions): Ladder {
  const rungs: Rung[] = []
  const climbers = new Map<number, Climber>()
  const leaving = new Set<Climber>()
  let begun = 0
  let over = 0
  let resting = 0
  let finished = false

  const resourceOf = (rung: number) => minResource * eta ** rung
  const hasEarned = ({ resource, come }: Rung, standing: Standing) => resource >= end() || come.rank(standing) < Math.floor(come.size / eta)
  const wake = (climber: Climber) => {
    leaving.delete(climber)
    if (climber.state === 'resting' && rungs[climber.rung]?.resting.delete(climber)) resting--
    climber.state = 'going'
  }

  /** Puts it on the rungs that its reports reach; whether there was a new one. */
  const climb = (climber: Climber, { reports }: TrialView) => {
    let climbed = false
    while (reports.length >= resourceOf(climber.rung + 1)) {
      const resource = resourceOf(++climber.rung)
      climber.loss = reports[resource - 1]!.loss
      const rung = (rungs[climber.rung] ??= { resource, come: sorted<Standing>(better), resting: sorted<Climber>(better) })
      climber.order = rung.come.size
      rung.come.add({ loss: climber.loss, order: climber.order })
      climbed = true
    }
    return climbed
  }

  const look = () => {
    for (const climber of leaving) {
      if (!climber.view.paused) continue
      leaving.delete(climber)
      climber.state = 'resting'
      rungs[climber.rung]!.resting.add(climber)
      resting++
    }
  }
  const promotable = (): Promotion | undefined => {
    for (const rung of rungs.toReversed()) {
      for (let best = rung.resting.at(0); best && hasEarned(rung, best); best = rung.resting.at(0)) {
        if (best.view.paused) return { trial: best.number, resource: rung.resource }
        wake(best)
      }
    }
    return undefined
  }

  /** Whether this trial's worker should rather go on with one of a higher rung. */
  const isBehind = ({ resource }: Rung) => {
    look()
    const first = promotable()
    return first !== undefined && first.resource > resource
  }

  const ladder: Ladder = {
    enter: () => void begun++,
    judge(view, keep = false) {
      const climber: Climber = climbers.get(view.number) ?? { view, number: view.number, rung: -1, loss: 0, order: 0, state: 'going' }
      climbers.set(view.number, climber)
      if (climber.state === 'resting') wake(climber)
      const climbed = climb(climber, view)
      if (climber.state === 'stopped') return 'stop'
      // Told to pause, it goes on all the same where its worker was lost meanwhile: it is told again.
      if (!climbed && climber.state !== 'leaving') return 'go'
      if (climber.loss === Number.POSITIVE_INFINITY) {
        leaving.delete(climber)
        climber.state = 'stopped'
        return 'stop'
      }
      const rung = rungs[climber.rung]!
      if (keep || rung.resource >= end() || (hasEarned(rung, climber) && !isBehind(rung))) {
        wake(climber)
        return 'go'
      }
      climber.state = 'leaving'
      leaving.add(climber)
      return 'pause'
    },
    ended(trial) {
      over++
      const climber = climbers.get(trial.number)
      if (climber) wake(climber)
      climbers.delete(trial.number)
      if (trial.state === 'finished') finished = true
    },
    look,
    promotable,
    last() {
      if (finished || ladder.running > 0) return undefined
      for (const rung of rungs.toReversed()) {
        for (const { view, number } of rung.resting) if (view.paused) return { trial: number, resource: rung.resource }
      }
      return undefined
    },
    get running() {
      return begun - over - resting
    },
  }
  return ladder
}

/** Of equals the one that came first: who comes later takes nobody's place. */
function better(a: Standing, b: Standing): number {
  return a.loss < b.loss ? -1 : a.loss > b.loss ? 1 : a.order - b.order
}

export interface ClimbingOptions {
  readonly ladders: () => readonly Ladder[]
  /** The ladder of a trial that has just begun; asked once for each, in the order they began. */
  readonly choose: (trial: TrialView) => Ladder
  /** Before a trial is judged: whether it is kept. */
  readonly keep?: (trial: TrialView) => boolean
  readonly ended?: (trial: TrialView) => void
}

/** A pruner at work whose trials stand on ladders. */
export function climbing({ ladders, choose, keep = () => false, ended }: ClimbingOptions): Pruning & Required<Pick<Pruning, 'next'>> {
  const ladderOf = new Map<number, Ladder>()
  let seen = 0
  const look = ({ trials }: StudyView) => {
    for (; seen < trials.length; seen++) {
      const trial = trials[seen]!
      const ladder = choose(trial)
      ladder.enter()
      ladderOf.set(trial.number, ladder)
    }
  }
  return {
    judge(trial, study) {
      look(study)
      return ladderOf.get(trial.number)!.judge(trial, keep(trial))
    },
    next(study, more) {
      look(study)
      for (const ladder of ladders()) ladder.look()
      const earned = highest(ladders().map((ladder) => ladder.promotable()))
      if (earned) return { kind: 'resume', trial: earned.trial }
      if (more) return { kind: 'sample' }
      const last = highest(ladders().map((ladder) => ladder.last()))
      if (last) return { kind: 'resume', trial: last.trial }
      const running = ladders().some((ladder) => ladder.running > 0)
      return running ? { kind: 'wait', reason: 'for a rung' } : { kind: 'done', reason: 'no paused trial has earned to go on' }
    },
    ended(trial, study) {
      look(study)
      ladderOf.get(trial.number)?.ended(trial)
      ladderOf.delete(trial.number)
      ended?.(trial)
    },
  }
}

/** Of equals the first. */
function highest(promotions: readonly (Promotion | undefined)[]): Promotion | undefined {
  let best: Promotion | undefined
  for (const one of promotions) if (one && (!best || one.resource > best.resource)) best = one
  return best
}
