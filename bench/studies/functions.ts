/**
 * Test functions of samplers: a space, a loss, and the least there is. `optuna_peer.py` has the same lines in Python; `quality.ts`
 * checks that both give the same values before it measures.
 */
import { type Dimensions, dimensions as d } from '../../src/space/index.ts'

export interface TestFunction {
  readonly name: string
  /** For people: 'Hartmann 6'. */
  readonly title: string
  readonly space: Dimensions
  /** The least loss there is, to the digits known. */
  readonly least: number
  loss(config: Readonly<Record<string, number | string | boolean>>): number
}

/** Those with a goal. */
export const functions: readonly TestFunction[] = [
  real(
    'branin',
    'Branin',
    [
      [-5, 10],
      [0, 15],
    ],
    0.39788735772973816,
    branin,
  ),
  real('hartmann6', 'Hartmann 6', repeat(6, 0, 1), -3.3223680114155156, (x) => hartmann(x, hartmann6)),
  real('ackley10', 'Ackley 10', repeat(10, -32.768, 32.768), 0, ackley),
  real('rosenbrock5', 'Rosenbrock 5', repeat(5, -5, 10), 0, rosenbrock),
  { name: 'mixed', title: 'mixed space', space: mixedSpace(), least: 0, loss: mixed },
]

/** Others, so that nothing is fitted to the five above. */
export const others: readonly TestFunction[] = [
  real('sphere4', 'Sphere 4', repeat(4, -5, 7), 0, (x) => sum(x, (v) => v * v)),
  real('levy4', 'Levy 4', repeat(4, -10, 10), 0, levy),
  real('griewank6', 'Griewank 6', repeat(6, -50, 70), 0, griewank),
  real('styblinski5', 'Styblinski-Tang 5', repeat(5, -5, 5), -5 * 39.16616570377142, styblinski),
  real('hartmann3', 'Hartmann 3', repeat(3, 0, 1), -3.86277978733277, (x) => hartmann(x, hartmann3)),
  real('rastrigin3', 'Rastrigin 3', repeat(3, -5.12, 4), 0, rastrigin),
]

type Ranges = readonly (readonly [number, number])[]

/** A function of real numbers x0, x1, ... */
function real(name: string, title: string, ranges: Ranges, least: number, loss: (x: readonly number[]) => number): TestFunction {
  const space = Object.fromEntries(ranges.map(([low, high], i) => [`x${i}`, d.uniform(low, high)]))
  return { name, title, space, least, loss: (config) => loss(ranges.map((_, i) => config[`x${i}`] as number)) }
}

function repeat(count: number, low: number, high: number): Ranges {
  return Array.from({ length: count }, () => [low, high] as const)
}

function sum(x: readonly number[], of: (value: number, i: number) => number): number {
  return x.reduce((total, value, i) => total + of(value, i), 0)
}

function branin([x, y]: readonly number[]): number {
  const bowl = y! - (5.1 / (4 * Math.PI ** 2)) * x! ** 2 + (5 / Math.PI) * x! - 6
  return bowl ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x!) + 10
}

interface Hartmann {
  readonly a: readonly (readonly number[])[]
  readonly p: readonly (readonly number[])[]
}

const hartmann6: Hartmann = {
  a: [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ],
  p: [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
  ],
}

const hartmann3: Hartmann = {
  a: [
    [3, 10, 30],
    [0.1, 10, 35],
    [3, 10, 30],
    [0.1, 10, 35],
  ],
  p: [
    [3689, 1170, 2673],
    [4699, 4387, 7470],
    [1091, 8732, 5547],
    [381, 5743, 8828],
  ],
}

function hartmann(x: readonly number[], { a, p }: Hartmann): number {
  const alpha = [1, 1.2, 3, 3.2]
  return -sum(alpha, (weight, k) => weight * Math.exp(-sum(x, (value, i) => a[k]![i]! * (value - p[k]![i]! * 1e-4) ** 2)))
}

function ackley(x: readonly number[]): number {
  const n = x.length
  const root = Math.sqrt(sum(x, (v) => v * v) / n)
  const waves = sum(x, (v) => Math.cos(2 * Math.PI * v)) / n
  return -20 * Math.exp(-0.2 * root) - Math.exp(waves) + 20 + Math.E
}

function rosenbrock(x: readonly number[]): number {
  return sum(x.slice(1), (next, i) => 100 * (next - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2)
}

function levy(x: readonly number[]): number {
  const w = x.map((v) => 1 + (v - 1) / 4)
  const last = w[w.length - 1]!
  const middle = sum(w.slice(0, -1), (v) => (v - 1) ** 2 * (1 + 10 * Math.sin(Math.PI * v + 1) ** 2))
  return Math.sin(Math.PI * w[0]!) ** 2 + middle + (last - 1) ** 2 * (1 + Math.sin(2 * Math.PI * last) ** 2)
}

function griewank(x: readonly number[]): number {
  const product = x.reduce((total, v, i) => total * Math.cos(v / Math.sqrt(i + 1)), 1)
  return sum(x, (v) => v * v) / 4000 - product + 1
}

function styblinski(x: readonly number[]): number {
  return sum(x, (v) => v ** 4 - 16 * v ** 2 + 5 * v) / 2
}

function rastrigin(x: readonly number[]): number {
  return sum(x, (v) => v * v - 10 * Math.cos(2 * Math.PI * v) + 10)
}

/** What a search for a network's hyperparameters looks like: every kind of dimension, one of them conditional. */
function mixedSpace(): Dimensions {
  return {
    optimizer: d.choice(['sgd', 'adam', 'rmsprop']),
    rate: d.logUniform(1e-5, 1),
    momentum: d.when({ optimizer: 'sgd' }, d.uniform(0, 0.99)),
    layers: d.int(1, 6),
    units: d.logInt(8, 1024),
    dropout: d.quantized(0, 0.6, 0.05),
    activation: d.choice(['relu', 'tanh', 'sigmoid']),
  }
}

/**
 * Each optimizer has its best rate (sgd's depends on the momentum), flat far from it; layers and units trade against each other,
 * the best dropout follows from both.
 */
function mixed(config: Readonly<Record<string, number | string | boolean>>): number {
  const { optimizer, activation } = config
  const [rate, layers, units, dropout] = [config.rate, config.layers, config.units, config.dropout] as number[] as [
    number,
    number,
    number,
    number,
  ]
  const momentum = (config.momentum ?? 0) as number
  const log10 = Math.log(rate) / Math.LN10
  const off = optimizer === 'sgd' ? log10 - Math.log(1 - momentum) / Math.LN10 + 0.5 : log10 + (optimizer === 'adam' ? 3 : 3.3)
  const own = optimizer === 'sgd' ? 0.3 * (momentum - 0.9) ** 2 : optimizer === 'adam' ? 0.03 : 0.05
  const capacity = Math.log(units) / Math.LN2 + 1.5 * layers
  const bent = activation === 'relu' ? 0 : activation === 'tanh' ? 0.05 + 0.02 * Math.abs(layers - 2) : 0.1 * layers
  const size = 0.02 * (capacity - 13) ** 2 + 0.01 * (layers - 3) ** 2
  return 1 - Math.exp(-(off ** 2) / 2) + own + size + 4 * (dropout - (0.03 * capacity - 0.15)) ** 2 + bent
}
