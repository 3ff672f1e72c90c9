import { fail } from '../../core/errors.ts'
import { type DType, tensor } from '../../tensor/index.ts'
import type { Dim } from '../dim.ts'
import { type Operator, operator, type Value } from '../op.ts'

/**
 * A named input of the graph. The role says who feeds it: the batch ('data'), the weights ('parameter'), buffers such as
 * running means and optimizer moments ('state'), numbers that change each step ('scalar'), seeded noise ('random').
 */
export type Role = 'data' | 'parameter' | 'state' | 'scalar' | 'random'

export const input: Operator<[name: string, dtype: DType, shape: readonly Dim[], role?: Role]> = operator({
  name: 'input',
  call: (name: string, dtype: DType, shape: readonly Dim[], role: Role = 'data') => ({ inputs: [], attrs: { name, dtype, shape, role } }),
  infer: (_inputs, { dtype, shape }) => ({ dtype, shape }),
  grad: () => [],
  onnx: (_emit, _inputs, node) => node.attrs.name,
  reference: (_inputs, node) => {
    throw fail('FEED_MISSING', node.attrs.name, [node.attrs.name])
  },
  samples: () => [{ inputs: [tensor('float32', [2], [1, 2])], build: (x) => x! }],
  foldable: false,
})

/** The name of an input value, else undefined. */
export function inputName(value: Value): string | undefined {
  return value.node.op === input.op ? (value.node.attrs.name as string) : undefined
}
