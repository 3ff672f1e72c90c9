import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import ort from 'onnxruntime-node'
import protobuf from 'protobufjs/minimal.js'
import { random } from '../../src/core/random.ts'
import { grad } from '../../src/graph/grad.ts'
import { type Graph, graphOf } from '../../src/graph/graph.ts'
import { toOnnx } from '../../src/graph/onnx/compile.ts'
import { applyOp, type Op, type Sample, type Value } from '../../src/graph/op.ts'
import { add } from '../../src/graph/ops/add.ts'
import * as ops from '../../src/graph/ops/index.ts'
import { input } from '../../src/graph/ops/input.ts'
import { sum } from '../../src/graph/ops/reduce.ts'
import { optimize } from '../../src/graph/optimize.ts'
import { reference } from '../../src/graph/runtimes/reference.ts'
import { isFloat, type Tensor } from '../../src/tensor/index.ts'

describe("every operator's portable form: standard domain only, and the reference's numbers", () => {
  for (const [name, { op }] of Object.entries(ops)) {
    test(name, async () => {
      for (const [i, sample] of op.samples(random(4).fork(name)).entries()) await portable(op, sample, `${name}, sample ${i}`)
    })
  }
})

test('the native form does use others: what this test reads off a model is there', () => {
  const x = input('x', 'float32', [2, 2, 3])
  const graph = graphOf('native', { y: ops.matmul(x, x, { transposeB: true }) })
  assert.deepEqual(domains(toOnnx(graph, { target: 'onnxruntime' })), ['', 'com.microsoft'])
})

async function portable(op: Op, { inputs, build, differentiate }: Sample, where: string): Promise<void> {
  const values = inputs.map(({ dtype, shape }, i) => input(`x${i}`, dtype, shape))
  const built = build ? build(...values) : applyOp(op, values, {})
  const outputs = (Array.isArray(built) ? built : [built]) as Value[]
  const named: Record<string, Value> = Object.fromEntries(outputs.map((value, i) => [`y${i}`, value]))
  const wanted = (differentiate ?? inputs.map((_, i) => i)).filter((i) => isFloat(inputs[i]!.dtype))
  const losses = outputs.filter(({ dtype }) => isFloat(dtype)).map((y) => sum(y))
  if (op.grad && wanted.length > 0 && losses.length > 0) {
    const found = grad(
      losses.reduce((a, b) => add(a, b)),
      wanted.map((i) => values[i] as Value),
    )
    found.forEach((value, i) => void (named[`g${i}`] = value))
  }
  const feeds = Object.fromEntries(inputs.map((value, i) => [`x${i}`, value]))
  for (const graph of [graphOf('portable', named, values), optimize(graphOf('portable', named, values))]) {
    const model = toOnnx(graph)
    assert.deepEqual(domains(model), [''], where)
    close(await runModel(model, graph, feeds), await runReference(graph, feeds), where)
  }
}

async function runModel(model: Uint8Array, graph: Graph, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 })
  try {
    const fed = Object.fromEntries(
      Object.entries(graph.inputs).map(([name, { dtype }]) => {
        const { data, shape } = feeds[name] as Tensor
        return [name, new ort.Tensor(dtype as 'float32', data as Float32Array, shape)]
      }),
    )
    const results = await session.run(fed)
    return Object.fromEntries(
      Object.entries(results).map(([name, { type, dims, data }]) => [name, { dtype: type, shape: dims, data } as unknown as Tensor]),
    )
  } finally {
    await session.release()
  }
}

async function runReference(graph: Graph, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  return (await reference().compile(graph)).run(feeds)
}

/** Names of the operator sets a model declares: field 8 of ModelProto, field 1 of each. */
function domains(model: Uint8Array): string[] {
  const found: string[] = []
  const reader = protobuf.Reader.create(model)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag >>> 3 !== 8) {
      reader.skipType(tag & 7)
      continue
    }
    const end = reader.uint32() + reader.pos
    let domain = ''
    while (reader.pos < end) {
      const field = reader.uint32()
      if (field >>> 3 === 1) domain = reader.string()
      else reader.skipType(field & 7)
    }
    found.push(domain)
  }
  return found.sort()
}

function close(got: Record<string, Tensor>, want: Record<string, Tensor>, where: string): void {
  for (const [name, { shape, data }] of Object.entries(want)) {
    assert.deepEqual([...got[name]!.shape], [...shape], `${where}: shape of ${name}`)
    for (let i = 0; i < data.length; i++) {
      const [a, b] = [Number(got[name]!.data[i]), Number(data[i])]
      assert.ok(Object.is(a, b) || Math.abs(a - b) <= 2e-5 * Math.max(1, Math.abs(b)), `${where}: ${name}[${i}] is ${a} instead of ${b}`)
    }
  }
}
