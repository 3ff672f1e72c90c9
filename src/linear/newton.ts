/** Least values of smooth convex functions by Newton's steps, each solved for by preconditioned conjugate gradients. */

/** A function as it is at one place. */
export interface Place {
  readonly value: number
  readonly gradient: Float64Array
  /** Second derivatives times a direction. */
  curve(direction: Float64Array): Float64Array
  /** About the diagonal of the second derivatives; above 0. */
  readonly diagonal: Float64Array
}

export interface Smooth {
  readonly size: number
  /** What it returns is valid until the next call. */
  at(place: Float64Array): Place
  value(place: Float64Array): number
}

export interface MinimizeOptions {
  /** It ends where no derivative is larger. */
  readonly tolerance: number
  readonly steps: number
  readonly signal?: AbortSignal | undefined
  readonly onStep?: (step: number) => void
}

/** From 0 on. Steps are halved until the function falls by a share of what its slope promises. */
export function minimize(smooth: Smooth, { tolerance, steps, signal, onStep }: MinimizeOptions): Float64Array {
  let here = new Float64Array(smooth.size)
  for (let step = 1; step <= steps; step++) {
    signal?.throwIfAborted()
    const place = smooth.at(here)
    const { value, gradient } = place
    if (gradient.every((one) => Math.abs(one) <= tolerance)) break
    const direction = conjugate(place)
    const slope = dot(gradient, direction)
    let length = 1
    let next = here
    let fell = false
    for (; length > 1e-10 && !fell; length /= 2) {
      next = here.map((one, i) => one + length * (direction[i] as number))
      fell = smooth.value(next) <= value + 1e-4 * length * slope
    }
    // No step makes it smaller: this is as exact as numbers are.
    if (!fell) break
    here = next
    onStep?.(step)
  }
  return here
}

/** A direction d with (second derivatives) d = -gradient, as exact as is worth it so far from the end. */
function conjugate({ gradient, diagonal, curve }: Place): Float64Array {
  const size = gradient.length
  const direction = new Float64Array(size)
  const rest = gradient.map((one) => -one)
  let scaled = rest.map((one, i) => one / (diagonal[i] as number))
  const along = scaled.slice()
  let energy = dot(rest, scaled)
  const first = Math.sqrt(energy)
  const enough = Math.min(0.1, first) * first
  for (let turn = 0; turn < 2 * size + 20 && Math.sqrt(energy) > enough; turn++) {
    const curved = curve(along)
    const bend = dot(along, curved)
    if (!(bend > 0)) break
    const length = energy / bend
    for (let i = 0; i < size; i++) {
      direction[i] = direction[i]! + length * along[i]!
      rest[i] = rest[i]! - length * curved[i]!
    }
    scaled = rest.map((one, i) => one / (diagonal[i] as number))
    const next = dot(rest, scaled)
    for (let i = 0; i < size; i++) along[i] = scaled[i]! + (next / energy) * along[i]!
    energy = next
  }
  return direction
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
