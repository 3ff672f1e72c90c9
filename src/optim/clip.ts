/** Clipping: keeps a step small when gradients explode. */
import { ops, type Value } from '../graph/index.ts'
import type { Clip } from './optimizer.ts'

/**
 * Cuts each element to [-value, value], then, where the Euclidean norm of all gradients together is larger than `norm`,
 * scales them all by norm / (their norm + 1e-6), as `torch.nn.utils.clip_grad_value_` and `clip_grad_norm_`.
 *
 * R. Pascanu, T. Mikolov, Y. Bengio: On the difficulty of training recurrent neural networks (2013).
 */
export function clipGradients(grads: readonly Value[], clip: Clip | undefined): Value[] {
  const { norm, value } = clip ?? {}
  const cut = value === undefined ? [...grads] : grads.map((grad) => ops.clip(grad, -value, value))
  if (norm === undefined || cut.length === 0) return cut
  const scale = ops.minimum(ops.div(norm, ops.add(globalNorm(cut), 1e-6)), 1)
  return cut.map((grad) => ops.mul(grad, scale))
}

/** Euclidean norm of several values together, as a scalar. */
export function globalNorm(values: readonly Value[]): Value {
  return ops.sqrt(values.map((value) => ops.sum(ops.square(value))).reduce((a, b) => ops.add(a, b)))
}
