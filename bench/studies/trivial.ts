/** A training that does nothing: what a trial of it takes is bookkeeping. */
import { data, nn, space, training } from 'tutti'

export default training({
  name: 'trivial',
  config: { a: 0.5, b: 0.1, c: 3, d: 'x' },
  space: { a: space.uniform(0, 1), b: space.logUniform(1e-3, 1), c: space.int(1, 10), d: space.choice(['x', 'y']) },
  objective: { metric: 'y', direction: 'minimize' },
  data: () => data.digits(),
  model: () => nn.sequential([nn.flatten()]),
  async train({ config: { a, b, c } }) {
    return { y: a ** 2 + b + c }
  },
})
