/** Gradients and hessians of each loss, as whole numbers: i32 pairs, in units that `fill` is told. */
import type { Kernel } from './kernel.ts'
import type { Plan } from './places.ts'

export interface Gradients {
  /** Of rows from .. to-1, times the scales, rounded. */
  fill(from: number, to: number, thread: number, scaleG: number, scaleH: number): void
  /** The largest absolute gradient and the largest hessian of the rows, to f64 places out and out + 1. */
  largest(from: number, to: number, out: number, thread: number): void
}

/** One row's gradient and hessian by its score and target, before weights. */
type Pointwise = { readonly g: (score: number, y: number) => number; readonly h: (score: number, y: number) => number }

const one = () => 1

const pointwise: Readonly<Record<string, (quantile: number) => Pointwise>> = {
  absoluteError: () => ({ g: (score, y) => (score > y ? 1 : score < y ? -1 : 0), h: one }),
  quantile: (q) => ({ g: (score, y) => (y < score ? 1 - q : -q), h: one }),
  poisson: () => ({ g: (score, y) => Math.exp(score) - y, h: (score) => Math.exp(score) }),
  gamma: () => ({ g: (score, y) => 1 - y * Math.exp(-score), h: (score, y) => y * Math.exp(-score) }),
}

export function gradientsOf(kernel: Kernel, plan: Plan, i32: Int32Array, f64: Float64Array): Gradients {
  if (plan.loss === 'logLoss') return logLoss(kernel, plan, f64)
  if (plan.loss === 'squaredError') return squaredError(kernel, plan, f64)
  const { g, h } = (pointwise[plan.loss] as (q: number) => Pointwise)(plan.quantile)
  const [scores, y, w, gh] = [plan.scores >> 3, plan.y >> 3, plan.w >> 3, plan.gh >> 2]
  return {
    fill(from, to, _thread, scaleG, scaleH) {
      for (let row = from; row < to; row++) {
        const score = f64[scores + row] as number
        const target = f64[y + row] as number
        const weight = f64[w + row] as number
        i32[gh + 2 * row] = nearest(g(score, target) * weight * scaleG)
        i32[gh + 2 * row + 1] = nearest(h(score, target) * weight * scaleH)
      }
    },
    largest(from, to, out) {
      let [mostG, mostH] = [0, 0]
      for (let row = from; row < to; row++) {
        const score = f64[scores + row] as number
        const target = f64[y + row] as number
        const weight = f64[w + row] as number
        const a = Math.abs(g(score, target) * weight)
        const b = h(score, target) * weight
        if (a > mostG) mostG = a
        if (b > mostH) mostH = b
      }
      f64[out] = mostG
      f64[out + 1] = mostH
    },
  }
}

function nearest(value: number): number {
  return Math.floor(value + 0.5)
}

function squaredError(kernel: Kernel, { scores, gh, y, w, rows, scratch, scratchBytes }: Plan, f64: Float64Array): Gradients {
  return {
    fill: (from, to, _thread, scaleG, scaleH) => kernel.squared(scores, gh, y, w, from, to, scaleG, scaleH),
    largest(from, to, out, thread) {
      // Rows two by two: the one after the last is not looked at.
      const even = to === rows ? to & ~1 : to
      const at = scratch + thread * scratchBytes
      kernel.squaredLargest(scores, y, w, from, even, at)
      const [a = 0, b = 0, weightA = 0, weightB = 0] = f64.subarray(at >> 3, (at >> 3) + 4)
      const last = even < to ? even : undefined
      const weight = last === undefined ? 0 : (f64[(w >> 3) + last] as number)
      const g = last === undefined ? 0 : Math.abs(((f64[(scores >> 3) + last] as number) - (f64[(y >> 3) + last] as number)) * weight)
      f64[out] = Math.max(a, b, g)
      f64[out + 1] = Math.max(weightA, weightB, weight)
    },
  }
}

/** Bounded: gradients by the weight, hessians by a quarter of it. */
function logLoss(kernel: Kernel, plan: Plan, f64: Float64Array): Gradients {
  const { scores, gh, y, w, width, stride, scratch, scratchBytes } = plan
  return {
    fill(from, to, thread, scaleG, scaleH) {
      if (width === 1) kernel.logistic(scores, gh, y, w, from, to, scaleG, scaleH)
      else kernel.softmax(scores, stride * 8, width, gh, stride * 8, y, w, from, to, scaleG, scaleH, scratch + thread * scratchBytes)
    },
    largest(from, to, out) {
      let most = 0
      for (let row = from; row < to; row++) most = Math.max(most, f64[(w >> 3) + row] as number)
      f64[out] = most
      f64[out + 1] = most / 4
    },
  }
}
