import { isFloat } from '../../tensor/index.ts'
import { expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats, ints } from '../samples.ts'
import { add } from './add.ts'
import { exp } from './exp.ts'
import { mul } from './mul.ts'
import { oneHot } from './oneHot.ts'
import { sum } from './reduce.ts'
import { reshape } from './reshape.ts'
import { sub } from './sub.ts'

/**
 * -log softmax(logits) at the label, for each example: logits [..., n], labels int32 [...] -> [...]. Its gradient is
 * softmax(logits) minus 1 at the label.
 */
export function softmaxCrossEntropy(logits: Value, labels: Value): Value {
  return softmaxCrossEntropyOp(logits, labels)[0]
}

/** With log softmax(logits), which the gradient uses. */
export const softmaxCrossEntropyOp: Operator<[logits: Value, labels: Value], readonly [loss: Value, logs: Value]> = operator({
  name: 'softmaxCrossEntropy',
  call: (logits: Value, labels: Value) => ({ inputs: [logits, labels], attrs: {} }),
  infer: (inputs) => {
    const [logits, labels] = inputs as [TensorType, TensorType]
    const fits = labels.shape.join() === logits.shape.slice(0, -1).join() && typeof logits.shape.at(-1) === 'number'
    const typed = isFloat(logits.dtype) && labels.dtype === 'int32' && logits.shape.length >= 1
    expect(
      typed && fits,
      'softmaxCrossEntropy',
      inputs,
      'float logits and int32 labels of their shape without the last dimension, which is known',
    )
    return [{ dtype: logits.dtype, shape: labels.shape }, { dtype: logits.dtype, shape: logits.shape }] // biome-ignore format: as it is
  },
  grad: (node, [dy, dLogs]) => {
    const [logits, labels] = node.inputs as [Value, Value]
    const share = exp(node.outputs[1]!)
    const direct = dy && mul(sub(share, oneHot(labels, logits.shape.at(-1) as number)), reshape(dy, [...dy.shape, 1]))
    const through = dLogs && sub(dLogs, mul(share, sum(dLogs, { axes: [-1], keepDims: true })))
    return [direct && through ? add(direct, through) : (direct ?? through), undefined]
  },
  onnx: (emit, [logits, labels]) => {
    const logs = emit.node('LogSoftmax', [logits!], { axis: -1 })
    const column = emit.node('Unsqueeze', [labels!, emit.ints([-1])])
    const found = emit.node('Squeeze', [emit.node('GatherElements', [logs, column], { axis: -1 }), emit.ints([-1])])
    return [emit.node('Neg', [found]), logs]
  },
  reference: ([logits, labels]) => {
    const width = logits!.shape.at(-1)!
    const logs = new Float64Array(logits!.data.length)
    const loss = Float64Array.from(labels!.data, (label, i) => {
      const row = Float64Array.from(logits!.data.slice(i * width, (i + 1) * width))
      const top = Math.max(...row)
      const total = top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0))
      row.forEach((x, j) => void (logs[i * width + j] = x - total))
      return total - row[label]!
    })
    return [{ shape: labels!.shape, data: loss }, { shape: logits!.shape, data: logs }] // biome-ignore format: as it is
  },
  samples: (random) => [
    { inputs: [floats(random, [3, 5]), ints(random, [3], 5)], build: (x, y) => softmaxCrossEntropyOp(x!, y!) },
    { inputs: [floats(random, [2, 2, 4]), ints(random, [2, 2], 4)], build: (x, y) => softmaxCrossEntropy(x!, y!) },
  ],
})
