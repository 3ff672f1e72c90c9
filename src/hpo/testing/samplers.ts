/** What every sampler must do, through its contract only. `samplerConformance` is called once for each implementation. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { random } from '../../core/random.ts'
import { type Assignment, kindOf, type SearchSpace } from '../../space/index.ts'
import type { Sampler } from '../sampler.ts'
import { random as randomSampler } from '../samplers/random.ts'
import type { StudyFacts, TrialView } from '../trial.ts'
import { blankStudy, type Outcome, type Play, type Played, playStudy, retell, suggestions } from './play.ts'
import { everyPoint, type SpaceName, spaces } from './spaces.ts'

export interface SamplerConformanceOptions {
  /** Spaces that it must refuse with SAMPLER_UNFIT; it must take all others. */
  readonly unfit?: readonly SpaceName[]
  /** It goes through a sequence of its own: it may end when each point was tried, and what is pending or told does not matter to it. */
  readonly sequence?: boolean
  /** It cuts ranges without an end of values into some of its own, and may end when those were tried. */
  readonly cuts?: boolean
  /** It must find a better point of a sphere than chance does, in the median over seeds. */
  readonly learns?: boolean | { readonly trials?: number; readonly seeds?: number }
  /** Trials of each study that is played; default 40. */
  readonly trials?: number
}

export function samplerConformance(name: string, make: () => Sampler, options: SamplerConformanceOptions = {}): void {
  const { unfit = [], sequence = false, cuts = false, learns = false, trials = 40 } = options
  const fit = (Object.keys(spaces) as SpaceName[]).filter((space) => !unfit.includes(space))
  const play = (space: SearchSpace, rest: Partial<Play> = {}) =>
    playStudy({ sampler: make(), space, trials, objective: sphere(space), ...rest })
  const objectives = make().multiObjective ? [1, 2, 3] : [1]

  suite(`sampler: ${name}`, () => {
    test('it has its name', () => assert.equal(make().name, name))

    for (const space of unfit) {
      test(`it refuses the space '${space}' with the reason`, () => {
        const facts = { space: spaces[space], objectives: 1, trials, workers: 1 }
        assert.throws(() => make().begin(facts, random(0)), { code: 'SAMPLER_UNFIT', message: new RegExp(`'${name}'.{20}`) })
      })
    }

    for (const space of fit) {
      test(`points lie in the space '${space}' and are feasible; it ends only when each was tried`, () => {
        for (const workers of [1, 4]) {
          const played = play(spaces[space], { workers, seed: workers, objective: troubled(spaces[space]) })
          if (played.done === undefined) assert.equal(played.study.ended.length, trials)
          else checkExhausted(spaces[space], played, cuts)
        }
      })

      test(`in the space '${space}', an instance that is only told gives the same suggestions`, () => {
        for (const count of objectives) {
          const rest = { workers: 3, results: trials - 5, seed: 2, facts: { objectives: count }, objective: troubled(spaces[space], count) }
          const played = play(spaces[space], rest)
          const [kept, told] = suggestions([played.sampling, retell(make(), played, 2)], played.study, 6)
          assert.deepEqual(told, kept)
        }
      })
    }

    for (const space of fit.filter((one) => ['continuous', 'mixed', 'conditional', 'whole'].includes(one))) {
      test(`in the space '${space}', a seed gives one study, and another seed another`, () => {
        const story = (seed: number) => play(spaces[space], { workers: 2, seed }).study.trials.map(({ assignment }) => assignment)
        assert.deepEqual(story(5), story(5))
        if (!sequence) assert.notDeepEqual(story(5), story(6))
      })
    }

    if (make().blind) {
      test('its points are known beforehand: they depend on nothing that trials find', () => {
        for (const space of fit) {
          const points = (objective: Play['objective']) =>
            play(spaces[space], { workers: 2, seed: 4, objective }).study.trials.map(({ assignment }) => assignment)
          assert.deepEqual(points(sphere(spaces[space])), points(troubled(spaces[space])), space)
        }
      })
    }

    test('asking twice changes nothing', () => {
      const played = play(spaces[fit[0]!], { results: trials - 3, workers: 3 })
      const number = played.study.trials.length
      const first = played.sampling.ask(number, played.study)
      assert.deepEqual(played.sampling.ask(number, played.study), first)
    })

    test('it looks at no clock and takes no chance but the one it is given', () => {
      const restore = [forbid(Date, 'now'), forbid(Math, 'random'), forbid(performance, 'now')]
      try {
        play(spaces[fit[0]!], { workers: 2 })
      } finally {
        for (const undo of restore) undo()
      }
    })

    if (!sequence) {
      test('suggestions that are all pending differ', () => {
        for (const told of [0, 15]) {
          const played = play(spaces.continuous, { results: told, trials: told })
          const [points] = suggestions([played.sampling], played.study, 12)
          assert.equal(new Set(points!.map((point) => JSON.stringify(point))).size, 12)
        }
      })
    }

    test('it is told of trials that it was never asked for, and of values that are not of the space', () => {
      for (const space of fit) {
        const chance = random(3)
        const enqueued = Array.from({ length: 8 }, (_, i) => spaces[space].sample(chance.fork(i)))
        const played = play(spaces[space], { enqueued, objective: troubled(spaces[space]), results: 8, trials: 8 })
        const study = blankStudy()
        const facts = { ...played.facts, trials: 60 }
        const sampling = make().begin(facts, random(1))
        const foreign: Assignment[] = [{}, { x: 'nine', layers: -3 }, { ...enqueued[0], another: 1 }]
        for (const assignment of [...foreign, ...enqueued]) {
          const trial = study.add(assignment)
          study.end(trial, 1 / (1 + trial.number))
          sampling.tell?.(trial, study)
        }
        for (let i = 0; i < 20; i++) {
          const ask = sampling.ask(study.trials.length, study)
          if (ask.kind !== 'point') break
          assert.equal(spaces[space].problem(ask.assignment), undefined)
          const trial = study.add(ask.assignment)
          study.end(trial, i % 3)
          sampling.tell?.(trial, study)
        }
      }
    })

    for (const [what, outcome] of Object.entries(monotonous)) {
      test(`it survives trials that all ${what}`, () => {
        for (const space of fit) {
          for (const count of objectives) {
            const objective = (_: Assignment, trial: TrialView) => outcome(count, trial)
            const played = play(spaces[space], { workers: 2, facts: { objectives: count }, objective })
            if (played.done === undefined) assert.equal(played.study.ended.length, trials)
            else checkExhausted(spaces[space], played, cuts)
          }
        }
      })
    }

    test('it needs not know how many trials are wanted', () => {
      const facts: Partial<StudyFacts> = { trials: undefined }
      const played = play(spaces[fit[0]!], { facts })
      assert.ok(played.study.ended.length === trials || played.done !== undefined)
    })

    if (learns) {
      const { trials: budget = 80, seeds = 5 } = learns === true ? {} : learns
      test(`its best of ${budget} points of a sphere is better than chance finds, in the median of ${seeds} seeds`, () => {
        const bests = (sampler: () => Sampler) =>
          Array.from({ length: seeds }, (_, seed) => {
            const space = spaces.continuous
            return playStudy({ sampler: sampler(), space, trials: budget, seed, objective: sphere(space) }).best
          })
        const [own, chance] = [median(bests(make)), median(bests(randomSampler))]
        assert.ok(own < chance, `${own} against ${chance} of chance`)
      })
    }
  })
}

/** The square of the distance from 0.3 on each unit interval: smallest inside, whatever the space. */
export function sphere(space: SearchSpace): (assignment: Assignment) => number {
  return (assignment) => space.toUnit(assignment).reduce((sum, u) => sum + (Number.isNaN(u) ? 0 : (u - 0.3) ** 2), 0)
}

/** A sphere where some trials fail, are lost or pruned, or end with Infinity. */
export function troubled(space: SearchSpace, objectives = 1): (assignment: Assignment, trial: TrialView) => Outcome {
  const loss = sphere(space)
  return (assignment, { number }) => {
    const losses = Array.from({ length: objectives }, (_, k) => (k === 0 ? loss(assignment) : 1 / (k + loss(assignment))))
    if (number % 11 === 3) return { state: 'failed' }
    if (number % 13 === 4) return { state: 'lost' }
    if (number % 17 === 5) return { state: 'pruned' }
    if (number % 7 === 2) return { state: 'pruned', losses, reports: [{ step: 1, loss: losses[0]! }] }
    if (number % 19 === 6) return losses.map(() => Number.POSITIVE_INFINITY)
    return losses
  }
}

/** Objectives from which nothing can be learnt. */
const monotonous: Readonly<Record<string, (objectives: number, trial: TrialView) => Outcome>> = {
  fail: () => ({ state: 'failed' }),
  'are lost': () => ({ state: 'lost' }),
  'are pruned before they report': () => ({ state: 'pruned' }),
  'end alike': (objectives) => Array(objectives).fill(1),
  'end with Infinity': (objectives) => Array(objectives).fill(Number.POSITIVE_INFINITY),
  'end with -Infinity': (objectives) => Array(objectives).fill(Number.NEGATIVE_INFINITY),
  'end with huge losses': (objectives, { number }) => Array.from({ length: objectives }, (_, k) => (-1) ** (number + k) * 1e300),
}

/** A study may say that it is done only if each feasible point was tried. */
function checkExhausted(space: SearchSpace, { study, done }: Played, cuts: boolean): void {
  const endless = space.names.filter((name) => kindOf(space.dimensions[name]!).points(space.dimensions[name]!) === undefined)
  if (endless.length > 0) {
    assert.ok(cuts, `'${done}', but there is no end of values of ${endless.join()}`)
    return
  }
  const all = everyPoint(space, (dimension) => kindOf(dimension).points(dimension)!).filter((point) => space.feasible(point))
  const key = (assignment: Assignment) => JSON.stringify(space.names.map((name) => assignment[name]))
  const tried = new Set(study.trials.map(({ assignment }) => key(assignment)))
  const missing = all.filter((point) => !tried.has(key(point)))
  assert.deepEqual(missing, [], `'${done}', but these were not tried`)
}

function forbid<K extends string>(object: { [key in K]: () => number }, key: K): () => void {
  const kept = object[key]
  object[key] = () => {
    throw new Error(`a sampler asked for ${key}()`)
  }
  return () => {
    object[key] = kept
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
}
