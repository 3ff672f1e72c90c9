/** Search spaces of every shape, for suites that try each of them. */
import { dimensions as d, type SearchSpace, searchSpace } from '../../space/index.ts'

/** By name. Each is a small one: a grid of it has at most some hundred points where it has an end. */
export const spaces = {
  continuous: searchSpace({ x: d.uniform(-5, 5), y: d.logUniform(1e-4, 10), z: d.uniform(0, 1) }),
  normal: searchSpace({ offset: d.normal(3, 2), scale: d.normal(0, 1e-3) }),
  whole: searchSpace({ layers: d.int(1, 4), units: d.logInt(1, 20), step: d.quantized(0, 0.5, 0.1) }),
  listed: searchSpace({ batch: d.ordinal([16, 64, 512]), activation: d.choice(['relu', 'gelu', 'tanh']), bias: d.boolean() }),
  unordered: searchSpace({ activation: d.choice(['relu', 'gelu', 'tanh']), bias: d.boolean() }),
  mixed: searchSpace({
    rate: d.logUniform(1e-4, 1),
    layers: d.int(1, 4),
    activation: d.choice(['relu', 'gelu', 'tanh']),
    bias: d.boolean(),
    dropout: d.quantized(0, 0.5, 0.1),
    loss: d.fixed('squared'),
  }),
  conditional: searchSpace({
    momentum: d.when({ optimizer: 'sgd' }, d.uniform(0, 0.99)),
    nesterov: d.when({ optimizer: 'sgd', heavy: true }, d.boolean()),
    optimizer: d.choice(['sgd', 'adam', 'none']),
    heavy: d.when({ optimizer: 'sgd' }, d.boolean()),
    rate: d.when({ optimizer: ['sgd', 'adam'] }, d.logUniform(1e-4, 1)),
  }),
  branches: searchSpace({
    kind: d.choice(['none', 'few', 'many']),
    few: d.when({ kind: 'few' }, d.int(1, 3)),
    many: d.when({ kind: 'many' }, d.ordinal([10, 100])),
    shuffle: d.when({ kind: 'many', many: 100 }, d.boolean()),
  }),
  constrained: searchSpace(
    { x: d.uniform(0, 1), y: d.uniform(0, 1), n: d.int(1, 8) },
    { constraint: ({ x, y, n }) => Number(x) + Number(y) < 1 && Number(n) % 2 === 0 },
  ),
  rare: searchSpace({ a: d.int(1, 12), b: d.int(1, 12) }, { constraint: ({ a, b }) => Number(a) * Number(b) === 12 }),
  one: searchSpace({ x: d.int(3, 3), c: d.choice(['only']) }),
  fixed: searchSpace({ x: d.fixed(1), y: d.fixed('a') }),
} as const satisfies Readonly<Record<string, SearchSpace>>

export type SpaceName = keyof typeof spaces

/** Each assignment of a space whose dimensions all have points, feasible or not, each once. */
export function everyPoint({ names, dimensions, active }: SearchSpace, points: Points): Record<string, string | number | boolean>[] {
  let all: Record<string, string | number | boolean>[] = [{}]
  for (const name of names) {
    all = all.flatMap((assignment) => {
      if (!active(assignment).includes(name)) return [assignment]
      return points(dimensions[name]!).map((value) => ({ ...assignment, [name]: value }))
    })
  }
  return all
}
type Points = (dimension: SearchSpace['dimensions'][string]) => readonly (string | number | boolean)[]
