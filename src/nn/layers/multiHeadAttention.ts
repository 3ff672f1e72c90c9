import { checkOptions } from '../../core/registry.ts'
import { expect, ops, type Value } from '../../graph/index.ts'
import { tensor } from '../../tensor/index.ts'
import { define, expectFloat, type Named, sizeAt } from '../define.ts'
import type { Layer, Scope } from '../layer.ts'
import { between, whole } from '../options.ts'
import { dense } from './dense.ts'

export interface AttentionOptions extends Named {
  /** How many looks are taken side by side; divides the width. */
  readonly heads: number
  /** Whether a place sees only itself and those before it; default false. */
  readonly causal?: boolean
  /** Share of the looks that are dropped in training; default 0. */
  readonly dropout?: number
}

/**
 * Every place of a sequence gathers from the others what it asks for: [batch, time, width] to the same. Queries, keys and
 * values come from one product, `projection` [width, 3 width], as in `torch.nn.MultiheadAttention`; `output` mixes the heads.
 *
 * A. Vaswani et al.: Attention is all you need (2017).
 */
export function multiHeadAttention(options: AttentionOptions): Layer {
  const what = 'multiHeadAttention'
  checkOptions(what, options, ['heads', 'causal', 'dropout', 'name'])
  const heads = whole(what, 'heads', options.heads)
  const rate = between(what, 'dropout', options.dropout ?? 0, 0, 0.999)
  const { causal = false } = options
  return define(what, options.name, (x, scope) => {
    expectFloat(what, x, 3, '[batch, time, width]')
    const time = sizeAt(what, x, 1, 'time')
    const width = sizeAt(what, x, 2, 'width')
    expect(width % heads === 0, what, [x], `a width that ${heads} heads divide`)
    const batch = x.shape[0]!
    const packed = scope.apply(dense({ units: 3 * width, name: 'projection' }), x)
    const apart = ops.transpose(ops.reshape(packed, [batch, time, 3, heads, width / heads]), [2, 0, 3, 1, 4])
    const [q, k, v] = ops.split(apart, 0, 3).map((part) => ops.reshape(part, apart.shape.slice(1))) as [Value, Value, Value]
    const looks = scope.training && rate > 0 ? dropped(q, k, v, causal, rate, scope) : ops.attention(q, k, v, { causal })
    const mixed = ops.reshape(ops.transpose(looks, [0, 2, 1, 3]), [batch, time, width])
    return scope.apply(dense({ units: width, name: 'output' }), mixed)
  })
}

/** The same attention written out, because a share of its probabilities is dropped. */
function dropped(q: Value, k: Value, v: Value, causal: boolean, rate: number, scope: Scope): Value {
  const [time, size] = q.shape.slice(2) as [number, number]
  const scores = ops.mul(ops.matmul(q, k, { transposeB: true }), 1 / Math.sqrt(size))
  const seen = ops.softmax(causal ? ops.add(scores, future(time)) : scores)
  return ops.matmul(ops.mul(seen, scope.noise('mask', seen.shape, { kind: 'keep', keep: 1 - rate })), v)
}

/** Far below 0 above the diagonal, where a place would look ahead of itself. */
function future(time: number): Value {
  const mask = Float32Array.from({ length: time * time }, (_, i) => (i % time > Math.floor(i / time) ? -1e9 : 0))
  return ops.constant(tensor('float32', [time, time], mask))
}
