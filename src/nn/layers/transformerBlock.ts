import { checkOptions } from '../../core/registry.ts'
import type { Activation } from '../activations.ts'
import type { Named } from '../define.ts'
import type { Layer } from '../layer.ts'
import { between, oneOf } from '../options.ts'
import { dropout } from './dropout.ts'
import { feedForward } from './feedForward.ts'
import { layerNorm } from './layerNorm.ts'
import { multiHeadAttention } from './multiHeadAttention.ts'
import { residual } from './residual.ts'
import { sequential } from './sequential.ts'

export interface TransformerBlockOptions extends Named {
  /** Heads of the attention; divides the width. */
  readonly heads: number
  /** Units between the two dense layers; default four times the width. */
  readonly hidden?: number
  /** Whether a place sees only itself and those before it; default false. */
  readonly causal?: boolean
  /** Share dropped in training, of looks and of both outputs; default 0. */
  readonly dropout?: number
  /** Default 'gelu'. */
  readonly activation?: Activation
  /** Normalizes before attention and dense layers ('pre', default, which trains without a warm-up) or after their sums ('post'). */
  readonly norm?: 'pre' | 'post'
}

/**
 * Attention, then two dense layers, each with a way past it: [batch, time, width] to the same. As
 * `torch.nn.TransformerEncoderLayer`, but for the defaults 'gelu', no dropout, and norm 'pre'.
 *
 * A. Vaswani et al.: Attention is all you need (2017); R. Xiong et al.: On layer normalization in the transformer (2020).
 */
export function transformerBlock(options: TransformerBlockOptions): Layer {
  const what = 'transformerBlock'
  checkOptions(what, options, ['heads', 'hidden', 'causal', 'dropout', 'activation', 'norm', 'name'])
  const { heads, hidden, causal, activation } = options
  const rate = between(what, 'dropout', options.dropout ?? 0, 0, 0.999)
  const norm = oneOf(what, 'norm', options.norm ?? 'pre', ['pre', 'post'])
  const part = (name: string, inner: Layer) => {
    const rest = rate > 0 ? [dropout({ rate })] : []
    if (norm === 'pre') return [residual([layerNorm({ name: 'norm' }), inner, ...rest], { name })]
    return [residual([inner, ...rest], { name }), layerNorm({ name: `${name}Norm` })]
  }
  return named(
    [
      ...part('attention', multiHeadAttention({ heads, causal, dropout: rate, name: 'heads' })),
      ...part('feedForward', feedForward({ hidden, activation, name: 'dense' })),
    ],
    options.name,
  )
}

function named(layers: readonly Layer[], name: string | undefined): Layer {
  return { ...sequential(layers, { name }), kind: 'transformerBlock', rebuild: (left) => named(left, name) }
}
