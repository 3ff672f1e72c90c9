/** Learning curves that nobody trained for: what a study's trials report, as a formula of their hyperparameters. */
import { random } from '../../core/random.ts'
import { type Assignment, dimensions as d, type SearchSpace, searchSpace } from '../../space/index.ts'

/**
 * How one trial learns. Its state is a number, the level: the loss but for noise, so that a trial can go on from a checkpoint of
 * its own or of another.
 */
export interface Curve {
  /** How many reports a whole training makes. */
  readonly length: number
  /** Before training. */
  readonly start: number
  /** The level after the i-th stretch of training, from 0; Infinity is for ever. */
  after(level: number, i: number): number
  /** What is added to the level in the i-th report. */
  noise(i: number): number
  /** The step that the i-th report names. */
  step(i: number): number
}

export interface Curves {
  readonly space: SearchSpace
  curve(assignment: Assignment): Curve
}

export interface CurveOptions {
  readonly seed?: number
  /** Reports of a whole training; default 81. */
  readonly length?: number
  /** Standard deviation of the noise; default 0.01. */
  readonly noise?: number
}

const space = searchSpace({
  learningRate: d.logUniform(1e-4, 1),
  momentum: d.uniform(0, 0.99),
  weightDecay: d.logUniform(1e-6, 1e-1),
  width: d.logInt(16, 512),
})

/** Before training all trials guess one of ten classes. */
const start = Math.log(10)

type Family = (options?: CurveOptions) => Curves

/**
 * Families of curves, by name. All but `equal` have an optimum somewhere in the space, drawn by the seed; with the distance from it
 * the loss rises that a trial comes to in the end: the badness, about 0 to 1.
 */
export const curves = {
  /** a + b exp(-ct): higher learning rates learn faster. */
  exponential: family((badness, { learningRate = 0 }) => ({
    after: towards(0.1 + 1.5 * badness, Math.exp(-0.03 - 0.2 * learningRate)),
  })),
  /** a + b (1 + t)^-c. */
  power: family((badness, { momentum = 0 }) => {
    const [end, exponent] = [0.1 + 1.5 * badness, 0.6 + 0.8 * momentum]
    return { after: (level, i) => end + (level - end) * ((i + 1) / (i + 2)) ** exponent }
  }),
  /** The better a trial is in the end, the slower it learns: early reports mislead. */
  crossing: family((badness) => ({ after: towards(0.1 + 1.5 * badness, Math.exp(-0.03 - 0.4 * Math.min(1, badness))) })),
  /** The order of the trials is the same at every step, and there is no noise. */
  ranked: family((badness) => ({ after: towards(0.1 + badness, 0.95), noise: () => 0 })),
  /** All trials report the same. */
  equal: family(() => ({ after: towards(0.5, 0.95), noise: () => 0 })),
  /** Some diverge for good, some report every second or fifth step or count from 1, some end early. */
  troubled: family((badness, { learningRate = 0, momentum = 0, width = 0 }, length) => {
    const stride = width < 0.6 ? 1 : width < 0.8 ? 2 : 5
    const diverges = momentum > 0.8 ? Math.floor(length * learningRate) : Number.POSITIVE_INFINITY
    const learn = towards(0.1 + 1.5 * badness, 0.9)
    return {
      length: Math.max(1, Math.floor((length * (width < 0.1 ? 0.3 : 1)) / stride)),
      step: (i) => (width < 0.3 ? 1 : 0) + i * stride,
      after: (level, i) => (i >= diverges ? Number.POSITIVE_INFINITY : learn(level)),
    }
  }),
  /** No trial ever reports a number. */
  diverging: family(() => ({ after: () => Number.POSITIVE_INFINITY })),
} satisfies Readonly<Record<string, Family>>

export type CurveFamily = keyof typeof curves

type Units = Readonly<Record<string, number>>

/** Curves of a shape that follows from how far the hyperparameters are from the optimum, and where they stand on the unit interval. */
function family(shape: (badness: number, units: Units, length: number) => Partial<Curve> & Pick<Curve, 'after'>): Family {
  return ({ seed = 0, length = 81, noise = 0.01 } = {}) => {
    const chance = random(seed).fork('curves')
    const optimum = space.names.map((name) => 0.25 + 0.5 * chance.fork('optimum', name).uniform())
    return {
      space,
      curve(assignment) {
        const units = space.toUnit(assignment)
        const distance = units.reduce((sum, u, i) => sum + (u - optimum[i]!) ** 2, 0) / units.length
        const shaped = shape(Math.sqrt(distance) * 1.6, Object.fromEntries(space.names.map((name, i) => [name, units[i]!])), length)
        const noisy = lazily(shaped.length ?? length, () => chance.fork('noise', JSON.stringify(assignment)))
        return { length, start, step: (i) => i, noise: (i) => noise * noisy(i), ...shaped }
      },
    }
  }
}

function towards(end: number, kept: number): (level: number) => number {
  return (level) => end + (level - end) * kept
}

/** Normal numbers, all drawn when the first is asked for. */
function lazily(count: number, chance: () => { normal(): number }): (i: number) => number {
  let drawn: Float64Array | undefined
  return (i) => {
    if (!drawn) {
      const source = chance()
      drawn = Float64Array.from({ length: count }, () => source.normal())
    }
    return drawn[i] ?? 0
  }
}
