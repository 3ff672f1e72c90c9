/** What is made of the sums of leaves. */
import type { Ensemble } from '../ensemble.ts'

/** Outputs of sums [rows, width], which stay as they are: base + scale * sum, then the link. */
export function linked({ width, base, link }: Ensemble, scale: number, sums: Float64Array): Float64Array {
  const rows = sums.length / width
  const raw = new Float64Array(sums.length)
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < width; k++) raw[row * width + k] = (base[k] as number) + scale * (sums[row * width + k] as number)
  switch (link) {
    case 'identity':
      return raw
    case 'exp':
      return raw.map(Math.exp)
    case 'logistic':
      return logistic(raw)
    case 'softmax':
      return softmax(raw, width)
    default:
      return link satisfies never
  }
}

function logistic(raw: Float64Array): Float64Array {
  const shares = new Float64Array(raw.length * 2)
  for (let row = 0; row < raw.length; row++) {
    const share = 1 / (1 + Math.exp(-(raw[row] as number)))
    shares[2 * row] = 1 - share
    shares[2 * row + 1] = share
  }
  return shares
}

function softmax(shares: Float64Array, width: number): Float64Array {
  for (let at = 0; at < shares.length; at += width) {
    let most = shares[at] as number
    for (let k = 1; k < width; k++) most = Math.max(most, shares[at + k] as number)
    let sum = 0
    for (let k = 0; k < width; k++) {
      const power = Math.exp((shares[at + k] as number) - most)
      shares[at + k] = power
      sum += power
    }
    for (let k = 0; k < width; k++) shares[at + k] = (shares[at + k] as number) / sum
  }
  return shares
}
