/** The twin of kernel.wat in plain TypeScript: slow, obviously right, the same bits. */
import { fixed } from '../../../src/trees/boosting/kernel/places.ts'

export function referenceOn(buffer: SharedArrayBuffer) {
  const view = new DataView(buffer)
  const bytes = new Uint8Array(buffer)
  const i64 = (at: number) => view.getBigInt64(at, true)
  const setI64 = (at: number, value: bigint) => view.setBigInt64(at, value, true)
  const i32 = (at: number) => view.getInt32(at, true)
  const setI32 = (at: number, value: number) => view.setInt32(at, value, true)
  const f64 = (at: number) => view.getFloat64(at, true)
  const setF64 = (at: number, value: number) => view.setFloat64(at, value, true)
  const addTo = (to: number, from: number, sign = 1n) => {
    for (const half of [0, 8]) setI64(to + half, i64(to + half) + sign * i64(from + half))
  }

  function hist1(rows: number, count: number, bins: number, gh: number, one: bigint, h0: number): void {
    for (let k = 0; k < count; k++) {
      const row = i32(rows + 4 * k)
      const at = h0 + 16 * (bytes[bins + 4 * row] as number)
      setI64(at, i64(at) + BigInt(i32(gh + 8 * row)))
      setI64(at + 8, i64(at + 8) + BigInt(i32(gh + 8 * row + 4)) + one)
    }
  }

  /** Places of a feature's bins, in order. */
  function run(slot: number, record: number, node: number, scratch: number): number {
    const [first, bins, shared] = [slot + i32(record), i32(record + 4), i32(record + 8)]
    if (shared < 0) return first
    bytes.copyWithin(scratch, first, first + 16 * shared)
    bytes.copyWithin(scratch + 16 * (shared + 1), first + 16 * shared, first + 16 * (bins - 1))
    bytes.copyWithin(scratch + 16 * shared, node, node + 16)
    for (let bin = 0; bin < bins; bin++) if (bin !== shared) addTo(scratch + 16 * shared, scratch + 16 * bin, -1n)
    return scratch
  }

  interface Found {
    score: number
    feature: number
    record: number
    cut: number
    missingLeft: number
    g: bigint
    h: bigint
  }

  function best(slot: number, from: number, to: number, active: number, node: number, scratch: number, out: number): void {
    const found: Found = { score: f64(out), feature: -1, record: 0, cut: 0, missingLeft: 0, g: 0n, h: 0n }
    for (let record = from; record < to; record += 32) {
      const [bins, missing, feature, led] = [i32(record + 4), i32(record + 12), i32(record + 16), i32(record + 20)]
      if (!bytes[active + feature] || led) continue
      const at = run(slot, record, node, scratch)
      const quantities = bins - missing
      scan(found, node, at, missing ? quantities : quantities - 1, 0n, 0n, record, feature, 0)
      const last = at + 16 * quantities
      if (missing) scan(found, node, at, quantities - 1, i64(last), i64(last + 8), record, feature, 1)
    }
    setF64(out, found.score)
    if (found.feature < 0) {
      setI32(out + 8, -1)
      return
    }
    for (const [k, value] of [found.feature, found.record, found.cut, found.missingLeft].entries()) setI32(out + 8 + 4 * k, value)
    setI64(out + 32, found.g)
    setI64(out + 40, found.h)
  }

  function scan(
    found: Found,
    node: number,
    at: number,
    cuts: number,
    g: bigint,
    h: bigint,
    record: number,
    feature: number,
    missingLeft: number,
  ): void {
    const shift = i64(fixed.shift)
    const mask = (1n << shift) - 1n
    const [unitG, unitH, l2, minHessian] = [f64(fixed.gradientUnit), f64(fixed.hessianUnit), f64(fixed.l2), f64(fixed.minHessian)]
    const least = Number(i64(fixed.minRows))
    const [allG, allH] = [i64(node), i64(node + 8)]
    const rows = Number(allH >> shift)
    const leastH = Math.max(minHessian, (Number(allH & mask) * unitH * (least - 0.5)) / rows)
    for (let cut = 0; cut < cuts; cut++) {
      if (i64(at + 16 * cut + 8) === 0n) continue
      g += i64(at + 16 * cut)
      h += i64(at + 16 * cut + 8)
      const left = Number(h >> shift)
      const hl = Number(h & mask) * unitH
      const hr = Number((allH - h) & mask) * unitH
      if (left < least || rows - left < least || hl < leastH || hr < leastH) continue
      const gl = Number(g) * unitG
      const gr = Number(allG - g) * unitG
      const score = (gl * gl * (hr + l2) + gr * gr * (hl + l2)) / ((hl + l2) * (hr + l2))
      if (score < found.score || (score === found.score && feature >= found.feature)) continue
      Object.assign(found, { score, feature, record, cut, missingLeft, g, h })
    }
  }

  /** e to the x by the same steps. */
  function exp(x: number): number {
    const c = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((k) => 1 / factorial(k))
    const held = Math.max(-708, Math.min(709, x))
    const k = nearest(held * Math.LOG2E)
    const r = held - k * 0.6931471803691238 - k * 1.9082149292705877e-10
    return c.reduce((p, next) => p * r + next, 0) * 2 ** k
  }

  function factorial(n: number): number {
    return n < 2 ? 1 : n * factorial(n - 1)
  }

  /** To the nearest whole number, halves to the even one. */
  function nearest(x: number): number {
    const floor = Math.floor(x)
    const rest = x - floor
    return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor
  }

  function whole(at: number, g: number, h: number): void {
    setI32(at, nearest(g))
    setI32(at + 4, nearest(h))
  }

  return {
    exp,
    hist4(rows: number, count: number, bins: number, gh: number, one: bigint, h0: number, h1: number, h2: number, h3: number): void {
      for (const [lane, h] of [h0, h1, h2, h3].entries()) hist1(rows, count, bins + lane, gh, one, h)
    },
    hist1,
    hist2(rows: number, count: number, bins: number, gh: number, one: bigint, h0: number, h1: number): void {
      for (const [lane, h] of [h0, h1].entries()) hist1(rows, count, bins + lane, gh, one, h)
    },
    add(a: number, b: number, size: number): void {
      for (let k = 0; k < size; k += 16) addTo(a + k, b + k)
    },
    subtract(a: number, b: number, size: number): void {
      for (let k = 0; k < size; k += 16) addTo(a + k, b + k, -1n)
    },
    fill(at: number, size: number): void {
      bytes.fill(0, at, at + size)
    },
    copy(to: number, from: number, size: number): void {
      bytes.copyWithin(to, from, from + size)
    },
    total(hist: number, bins: number, out: number): void {
      bytes.fill(0, out, out + 16)
      for (let k = 0; k < bins; k++) addTo(out, hist + 16 * k)
    },
    part(rows: number, count: number, bins: number, table: number, left: number, right: number): number {
      const all = Array.from({ length: count }, (_, k) => i32(rows + 4 * k))
      const goes = (row: number) => bytes[table + (bytes[bins + 4 * row] as number)] === 4
      const lefts = all.filter(goes)
      const rights = all.filter((row) => !goes(row))
      for (const [k, row] of lefts.entries()) setI32(left + 4 * k, row)
      for (const [k, row] of rights.entries()) setI32(right + 4 * k, row)
      return lefts.length
    },
    raise(rows: number, count: number, scores: number, value: number): void {
      for (let k = 0; k < count; k++) setF64(scores + 8 * i32(rows + 4 * k), f64(scores + 8 * i32(rows + 4 * k)) + value)
    },
    run,
    best,
    softmax(
      scores: number,
      scoreStep: number,
      classes: number,
      gh: number,
      ghStep: number,
      y: number,
      w: number,
      from: number,
      to: number,
      scaleG: number,
      scaleH: number,
    ): void {
      for (let row = from; row < to; row++) {
        const own = Array.from({ length: classes }, (_, k) => f64(scores + k * scoreStep + 8 * row))
        const powers = own.map((score) => exp(score - Math.max(...own)))
        const share = 1 / powers.reduce((a, b) => a + b, 0)
        const weight = f64(w + 8 * row)
        for (const [k, power] of powers.entries()) {
          const p = power * share
          whole(gh + k * ghStep + 8 * row, (p - (f64(y + 8 * row) === k ? 1 : 0)) * (weight * scaleG), p * (1 - p) * (weight * scaleH))
        }
      }
    },
    squared(scores: number, gh: number, y: number, w: number, from: number, to: number, scaleG: number, scaleH: number): void {
      for (let row = from; row < to; row++) {
        const weight = f64(w + 8 * row)
        whole(gh + 8 * row, (f64(scores + 8 * row) - f64(y + 8 * row)) * weight * scaleG, weight * scaleH)
      }
    },
    squaredLargest(scores: number, y: number, w: number, from: number, to: number, out: number): void {
      bytes.fill(0, out, out + 32)
      for (let row = from; row < to; row++) {
        const weight = f64(w + 8 * row)
        const half = 8 * (row % 2)
        setF64(out + half, Math.max(f64(out + half), Math.abs((f64(scores + 8 * row) - f64(y + 8 * row)) * weight)))
        setF64(out + 16 + half, Math.max(f64(out + 16 + half), weight))
      }
    },
    logistic(scores: number, gh: number, y: number, w: number, from: number, to: number, scaleG: number, scaleH: number): void {
      for (let row = from; row < to; row++) {
        const p = 1 / (1 + exp(-f64(scores + 8 * row)))
        const weight = f64(w + 8 * row)
        whole(gh + 8 * row, (p - f64(y + 8 * row)) * (weight * scaleG), p * (1 - p) * (weight * scaleH))
      }
    },
  }
}
