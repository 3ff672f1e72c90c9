/** The layers, one line each. */
export {
  activation,
  elu,
  gelu,
  geluTanh,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  logSoftmax,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  tanh,
} from './activations.ts'
export { batchNorm } from './batchNorm.ts'
export { branches } from './branches.ts'
export { conv1d } from './conv1d.ts'
export { conv2d } from './conv2d.ts'
export { dense } from './dense.ts'
export { dropout } from './dropout.ts'
export { embedding } from './embedding.ts'
export { feedForward } from './feedForward.ts'
export { flatten } from './flatten.ts'
export { join } from './join.ts'
export { layer } from './layer.ts'
export { layerNorm } from './layerNorm.ts'
export { multiHeadAttention } from './multiHeadAttention.ts'
export { oneHot } from './oneHot.ts'
export { permute } from './permute.ts'
export { averagePool2d, globalAveragePool2d, globalMaxPool2d, maxPool2d } from './pool2d.ts'
export { positionalEmbedding } from './positionalEmbedding.ts'
export { gru, lstm } from './recurrent.ts'
export { rescale } from './rescale.ts'
export { reshape } from './reshape.ts'
export { residual } from './residual.ts'
export { sequential } from './sequential.ts'
export { transformerBlock } from './transformerBlock.ts'
