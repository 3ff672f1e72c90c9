import { encodeModel } from '../onnx/proto.ts'
import { createSession, type OrtModule } from './session.ts'

let block: Promise<number> | undefined
/** How many channels lie together in this processor's NCHWc layout: seen by reordering a counted-up image. 0 where that fails. */
export function blockSize(ort: OrtModule): Promise<number> {
  block ??= probe(ort).catch(() => 0)
  return block
}

async function probe(ort: OrtModule): Promise<number> {
  const [channels, area] = [64, 2]
  const type = { dtype: 'float32', shape: [1, channels, 1, area] } as const
  const model = encodeModel({
    graphName: 'block',
    producerVersion: '',
    opsets: { '': 20, 'com.microsoft.nchwc': 1 },
    nodes: [{ type: 'ReorderInput', domain: 'com.microsoft.nchwc', name: 'reorder', inputs: ['x'], outputs: ['y'], attrs: {} }],
    initializers: {},
    inputs: { x: type },
    outputs: { y: type },
    metadata: {},
  })
  const session = await createSession(ort, model, 1)
  const counted = Float32Array.from({ length: channels * area }, (_, i) => i)
  const { y } = await session.run({ x: new ort.Tensor('float32', counted, type.shape) })
  await session.release()
  // Channel 0's second pixel, 1, comes after the first pixel of every channel of its block.
  const found = (y!.data as Float32Array).indexOf(1)
  return found > 1 && channels % found === 0 ? found : 0
}
