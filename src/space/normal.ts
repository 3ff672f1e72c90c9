/** The normal distribution's function and its inverse. */

/** P(Z < z), to 14 digits, in the lower tail too. In the middle Hart (1968), as in G. West: Better approximations to cumulative normal functions (2005). */
export function normalCdf(z: number): number {
  const x = Math.abs(z)
  const e = Math.exp((-x * x) / 2)
  let tail: number
  if (x < 3) {
    const top =
      (((((3.52624965998911e-2 * x + 0.700383064443688) * x + 6.37396220353165) * x + 33.912866078383) * x + 112.079291497871) * x +
        221.213596169931) *
        x +
      220.206867912376
    const bottom =
      ((((((8.83883476483184e-2 * x + 1.75566716318264) * x + 16.064177579207) * x + 86.7807322029461) * x + 296.564248779674) * x +
        637.333633378831) *
        x +
        793.826512519948) *
        x +
      440.413735824752
    tail = (e * top) / bottom
  } else {
    // Hart's loses the tail's digits from here on; forty levels of the continued fraction have all of them.
    let fraction = x
    for (let level = 40; level > 0; level--) fraction = x + level / fraction
    tail = e / fraction / Math.sqrt(2 * Math.PI)
  }
  return z > 0 ? 1 - tail : tail
}

/** The z with P(Z < z) = p: P. J. Acklam's rational approximation (2003) and one step of Halley's method. */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY
  if (p >= 1) return Number.POSITIVE_INFINITY
  const z = rough(p)
  // Beyond, the step below would overflow.
  if (Math.abs(z) > 37.5) return z
  // Refined on the smaller tail, where the function has digits left.
  const error = p < 0.5 ? normalCdf(z) - p : 1 - p - normalCdf(-z)
  const u = error * Math.sqrt(2 * Math.PI) * Math.exp((z * z) / 2)
  return z - u / (1 + (z * u) / 2)
}

const a = [-3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1, 2.506628277459239]
const b = [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1]
const c = [-7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783]
const d = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1]

function rough(p: number): number {
  if (p > 0.97575) return -rough(1 - p)
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p))
    return polynomial(c, q) / polynomial(d, q)
  }
  const q = p - 0.5
  return (polynomial(a, q * q) * q) / polynomial(b, q * q)
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)
}
