/** Neighbours among the numbers of single precision. */

const float = new Float32Array(1)
const bits = new Int32Array(float.buffer)

/** The largest float32 that is at most x: for float32 values, `value <= x` says the same of both. */
export function floatAtMost(x: number): number {
  const near = Math.fround(x)
  return near > x ? floatBelow(near) : near
}

/** The largest float32 that is less than x: `value < x` is `value <= floatUnder(x)`. */
export function floatUnder(x: number): number {
  const near = Math.fround(x)
  return near < x ? near : floatBelow(near)
}

/** The next smaller float32 of one. */
function floatBelow(x: number): number {
  if (x === 0) return -(2 ** -149)
  if (x === Number.NEGATIVE_INFINITY) return x
  float[0] = x
  bits[0]! += x > 0 ? -1 : 1
  return float[0] as number
}
