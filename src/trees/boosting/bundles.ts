/**
 * Features that are never away from their commonest value in the same row share one column of bins: of the 40 flags of which
 * one is set, a row needs one number. Nothing is lost by it, so it changes no model, only the time.
 *
 * G. Ke et al.: LightGBM: A Highly Efficient Gradient Boosting Decision Tree (2017), there with conflicts; here without.
 */
import type { Binned } from './bins.ts'

export interface Member {
  readonly feature: number
  /** The bundle's bin of the feature's first bin; of a feature that shares, of its first bin but the commonest. */
  readonly first: number
  /** The commonest bin, which all features of a bundle share as bin 0; -1 of a feature alone. */
  readonly shared: number
}

export interface Bundle {
  readonly bins: number
  readonly members: readonly Member[]
}

/** Bundles looked at for each feature. */
const mostTried = 32

export function bundlesOf(features: readonly Binned[]): Bundle[] {
  const rows = features[0]?.codes.length ?? 0
  const alone: Bundle[] = []
  const open: { away: Uint32Array; rows: number; bins: number; members: Member[] }[] = []
  const candidates = features.map((binned, feature) => ({ feature, binned, ...commonest(binned) }))
  candidates.sort((a, b) => a.away - b.away || a.feature - b.feature)
  for (const { feature, binned, bin, away } of candidates.reverse()) {
    const others = binned.count - 1
    const place = away === rows || others > 254 || 2 * away > rows + rows / 2 ? undefined : awayOf(binned.codes, bin)
    if (place === undefined) {
      alone.push({ bins: binned.count, members: [{ feature, first: 0, shared: -1 }] })
      continue
    }
    const home = open.slice(-mostTried).find((b) => b.bins + others <= 256 && b.rows + away <= rows && !meets(b.away, place))
    if (home) {
      home.members.push({ feature, first: home.bins, shared: bin })
      home.bins += others
      home.rows += away
      for (let k = 0; k < place.length; k++) (home.away[k] as number) |= place[k] as number
    } else open.push({ away: place, rows: away, bins: 1 + others, members: [{ feature, first: 1, shared: bin }] })
  }
  for (const { bins, members } of open) {
    if (members.length > 1) alone.push({ bins, members: members.sort((a, b) => a.feature - b.feature) })
    else alone.push({ bins, members: [{ ...(members[0] as Member), first: 0, shared: -1 }] })
  }
  return alone
}

function commonest({ codes, count }: Binned): { bin: number; away: number } {
  const rows = new Int32Array(count)
  for (let k = 0; k < codes.length; k++) rows[codes[k] as number]!++
  let bin = 0
  for (let k = 1; k < count; k++) if ((rows[k] as number) > (rows[bin] as number)) bin = k
  return { bin, away: codes.length - (rows[bin] as number) }
}

/** One bit a row: whether it is away from the commonest bin. */
function awayOf(codes: Uint8Array, bin: number): Uint32Array {
  const bits = new Uint32Array((codes.length + 31) >> 5)
  for (let row = 0; row < codes.length; row++) if (codes[row] !== bin) (bits[row >> 5] as number) |= 1 << (row & 31)
  return bits
}

function meets(a: Uint32Array, b: Uint32Array): boolean {
  for (let k = 0; k < a.length; k++) if (((a[k] as number) & (b[k] as number)) !== 0) return true
  return false
}

/** Writes a bundle's bins to its lane of the words. */
export function writeBundle({ members }: Bundle, features: readonly Binned[], bytes: Uint8Array, at: number): void {
  for (const { feature, first, shared } of members) {
    const { codes } = features[feature] as Binned
    if (shared < 0) for (let row = 0; row < codes.length; row++) bytes[at + row * 4] = codes[row] as number
    else
      for (let row = 0; row < codes.length; row++) {
        const bin = codes[row] as number
        if (bin !== shared) bytes[at + row * 4] = first + (bin < shared ? bin : bin - 1)
      }
  }
}
