/** Expected improvement, as a logarithm that has digits where the improvement itself is as good as none. */
import { normalCdf } from '../../space/index.ts'

const halfLogTau = 0.5 * Math.log(2 * Math.PI)
/** Below this the tail's continued fraction converges within its terms, and the plain formula loses digits. */
const tail = -2
const terms = 60

/**
 * ln E max(0, Z + z) of a standard normal Z, that is ln (phi(z) + z Phi(z)), and its derivative Phi(z) / (phi(z) + z Phi(z)).
 *
 * S. Ament and others, Unexpected Improvements to Expected Improvement for Bayesian Optimization (NeurIPS 2023). The tail is
 * phi(z) q / (|z| + q) with q = 1 / (|z| + 2 / (|z| + 3 / ...)), Laplace's continued fraction of Mills' ratio, without a
 * difference of near numbers.
 */
export function logImprovement(z: number): { readonly value: number; readonly slope: number } {
  const logDensity = -(z * z) / 2 - halfLogTau
  if (z > tail) {
    const below = normalCdf(z)
    const improvement = Math.exp(logDensity) + z * below
    return { value: Math.log(improvement), slope: below / improvement }
  }
  const t = -z
  let q = 0
  for (let k = terms; k >= 1; k--) q = k / (t + q)
  return { value: logDensity + Math.log(q / (t + q)), slope: 1 / q }
}

/** ln of how much lower than `best` a loss is expected to be, with a mean and a variance. */
export function logExpectedImprovement(best: number, mean: number, variance: number): number {
  if (!(variance > 0)) return best > mean ? Math.log(best - mean) : Number.NEGATIVE_INFINITY
  const deviation = Math.sqrt(variance)
  return Math.log(deviation) + logImprovement((best - mean) / deviation).value
}
