import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { exp } from './exp.ts'
import { mul } from './mul.ts'
import { neg } from './neg.ts'

/** The error function, 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x. */
export const erf: Operator<[x: Value]> = unary({
  name: 'erf',
  onnx: 'Erf',
  of: erfOf,
  grad: (x, _y, dy) => mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
})

/** Maclaurin series for small x, continued fraction of erfc (Abramowitz and Stegun 7.1.14) for large: full float64 precision. */
export function erfOf(x: number): number {
  const z = Math.abs(x)
  if (z > 6) return Math.sign(x)
  if (z < 2.5) {
    let term = z
    let sum = z
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
      term *= (-z * z) / n
      sum += term / (2 * n + 1)
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI)
  }
  let fraction = 0
  for (let n = 60; n > 0; n--) fraction = n / 2 / (z + fraction)
  return Math.sign(x) * (1 - Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + fraction)))
}
