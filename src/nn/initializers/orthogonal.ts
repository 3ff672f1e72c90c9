import { checkOptions } from '../../core/registry.ts'
import type { Initializer } from '../layer.ts'
import { positive } from '../options.ts'

/**
 * A random matrix with orthonormal columns (or rows, when it has fewer of them), times `gain` (1): repeated products keep
 * lengths, so it suits recurrent weights. More dimensions than two are seen as the matrix [first, all others].
 *
 * A. Saxe, J. McClelland, S. Ganguli: Exact solutions to the nonlinear dynamics of learning in deep linear neural
 * networks (2014).
 */
export function orthogonal(options: { readonly gain?: number } = {}): Initializer {
  checkOptions("initializer 'orthogonal'", options, ['gain'])
  const gain = positive("initializer 'orthogonal'", 'gain', options.gain ?? 1)
  return {
    kind: 'orthogonal',
    fill: (values, shape, random) => {
      const rows = shape[0] ?? 1
      const columns = values.length / rows
      const [count, length] = rows < columns ? [rows, columns] : [columns, rows]
      const basis = orthonormal(count, length, () => random.normal())
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) values[i * columns + j] = gain * (rows < columns ? basis[i]![j]! : basis[j]![i]!)
    },
  }
}

/** Gram-Schmidt on Gaussian vectors, each projection done twice: once leaves errors where vectors nearly agree. */
function orthonormal(count: number, length: number, draw: () => number): Float64Array[] {
  const basis: Float64Array[] = []
  while (basis.length < count) {
    const v = Float64Array.from({ length }, draw)
    for (let pass = 0; pass < 2; pass++) {
      for (const u of basis) {
        let along = 0
        for (let i = 0; i < length; i++) along += u[i]! * v[i]!
        for (let i = 0; i < length; i++) v[i]! -= along * u[i]!
      }
    }
    const norm = Math.sqrt(v.reduce((total, x) => total + x * x, 0))
    if (norm > 1e-6) basis.push(v.map((x) => x / norm))
  }
  return basis
}
