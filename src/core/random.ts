/**
 * Seeded, splittable chance. One seed fixes everything: `fork('label')` gives an independent stream by label, never by
 * the order of calls, so adding a draw in one place changes nothing elsewhere, and a run is resumed by its position alone.
 *
 * Generator: sfc32 (Doty-Humphrey, PractRand), seeded by a 128-bit hash of (key, label); passes PractRand and BigCrush.
 */
export interface Random {
  /** Independent stream named by labels; the same labels give the same stream, however much was drawn before. */
  fork(...labels: (string | number)[]): Random
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number
  /** Uniform integer in [0, n), without modulo bias. */
  int(n: number): number
  /** Normal(0, 1), by the polar Box-Muller method. */
  normal(): number
  /** 32 random bits as an unsigned integer. */
  bits(): number
  /** Fills an array with what as many calls of `bits` would give, several times faster. */
  fill(bits: Uint32Array): void
  /** Fisher-Yates in place. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T
}

/** The stream of a seed. @example `random(7).fork('init', 'dense.weight').normal()` */
export function random(seed: number | string): Random {
  return new Sfc32(hash128(`seed:${seed}`))
}

class Sfc32 implements Random {
  #a: number
  #b: number
  #c: number
  #count = 1
  #spare: number | undefined
  readonly #key: readonly [number, number, number, number]

  constructor(key: readonly [number, number, number, number]) {
    this.#key = key
    this.#a = key[0]
    this.#b = key[1]
    this.#c = key[2] ^ key[3]
    for (let i = 0; i < 12; i++) this.bits()
  }

  bits(): number {
    const t = (this.#a + this.#b + this.#count) | 0
    this.#count = (this.#count + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t
    this.#c |= 0
    return t >>> 0
  }

  fill(bits: Uint32Array): void {
    let [a, b, c, count] = [this.#a, this.#b, this.#c, this.#count]
    for (let i = 0; i < bits.length; i++) {
      const t = (a + b + count) | 0
      count = (count + 1) | 0
      a = b ^ (b >>> 9)
      b = (c + (c << 3)) | 0
      c = (((c << 21) | (c >>> 11)) + t) | 0
      bits[i] = t
    }
    this.#a = a
    this.#b = b
    this.#c = c
    this.#count = count
  }

  uniform(): number {
    return this.bits() / 4294967296
  }

  int(n: number): number {
    const limit = 4294967296 - (4294967296 % n)
    for (;;) {
      const bits = this.bits()
      if (bits < limit) return bits % n
    }
  }

  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare
      this.#spare = undefined
      return spare
    }
    for (;;) {
      const u = 2 * this.uniform() - 1
      const v = 2 * this.uniform() - 1
      const s = u * u + v * v
      if (s > 0 && s < 1) {
        const factor = Math.sqrt((-2 * Math.log(s)) / s)
        this.#spare = v * factor
        return u * factor
      }
    }
  }

  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1)
      const kept = items[i]
      items[i] = items[j]
      items[j] = kept
    }
    return items
  }

  fork(...labels: (string | number)[]): Random {
    return new Sfc32(hash128(`${this.#key.join(',')}/${labels.map((l) => `${typeof l}:${l}`).join('/')}`))
  }
}

/** cyrb128-style mixing of a string to 128 bits; not for secrets. */
function hash128(text: string): [number, number, number, number] {
  let h1 = 1779033703
  let h2 = 3144134277
  let h3 = 1013904242
  let h4 = 2773480762
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i)
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067)
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233)
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213)
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179)
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067)
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233)
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213)
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179)
  h1 ^= h2 ^ h3 ^ h4
  return [h1 >>> 0, (h2 ^ h1) >>> 0, (h3 ^ h1) >>> 0, (h4 ^ h1) >>> 0]
}
