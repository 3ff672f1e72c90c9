import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Graph,
  grad,
  graphOf,
  nodesOf,
  type Operator,
  operator,
  ops,
  optimize,
  print,
  runtimes,
  scoped,
  toOnnx,
  trace,
  type Value,
  verify,
} from '../../src/graph/index.ts'
import { tensor } from '../../src/tensor/index.ts'

const matrix = (rows: number | 'batch', columns: number) => ({ dtype: 'float32', shape: [rows, columns] }) as const
const names = (graph: Graph) => nodesOf(Object.values(graph.outputs)).map((node) => node.op.name)
const count = (graph: Graph, name: string) => names(graph).filter((n) => n === name).length

describe('trace, print, verify', () => {
  test('a graph prints as a person would write it', () => {
    const graph = trace('double', { x: { dtype: 'float32', shape: ['batch'] } }, ({ x }) => ({ y: scoped('twice', () => ops.mul(x, 2)) }))
    assert.equal(
      print(graph),
      ['graph double(x: float32[batch]) {', '  %1 = mul(x, 2)  float32[batch]  twice', '  return y = %1', '}'].join('\n'),
    )
  })

  test('shapes that do not fit name the layer, what came and what is needed', () => {
    const bad = () =>
      trace('bad', { a: matrix(2, 3), b: matrix(4, 5) }, ({ a, b }) => ({
        y: scoped('encoder', () => scoped('query', () => ops.matmul(a, b))),
      }))
    assert.throws(
      bad,
      /layer 'encoder\.query' \(matmul\) got float32\[2, 3\] and float32\[4, 5\] but needs inner sizes that agree \(3 against 4\)/,
    )
  })

  test('verify finds a value of the wrong type, a lost output, an undeclared input', () => {
    const graph = trace('g', { x: matrix(2, 3) }, ({ x }) => ({ y: ops.relu(x) }))
    const y = graph.outputs.y as Value
    const broken: Value = { ...y, shape: [2, 4] }
    const node = { ...y.node, outputs: [] as Value[] }
    node.outputs.push({ ...broken, node })
    assert.throws(
      () => verify({ ...graph, outputs: { y: node.outputs[0]! } }, 'test'),
      /output 0 of relu is float32\[2, 4\] but should be float32\[2, 3\]/,
    )
    assert.throws(() => verify({ ...graph, outputs: {} }, 'test', graph), /output 'y' was float32\[2, 3\] and is gone/)
    assert.throws(() => verify({ ...graph, inputs: {} }, 'test'), /input 'x' is not declared/)
  })

  test('a product of two symbolic dimensions is refused', () => {
    const bad = () => trace('g', { x: { dtype: 'float32', shape: ['batch', 'time'] } }, ({ x }) => ({ y: ops.reshape(x, [-1]) }))
    assert.throws(bad, /two symbolic/)
  })
})

describe('grad', () => {
  test("refuses a person's operator that has no gradient, unless it is stopped", () => {
    const halve: Operator<[x: Value]> = operator({
      name: 'halve',
      call: (x: Value) => ({ inputs: [x], attrs: {} }),
      infer: ([x]) => x!,
      onnx: (emit, [x]) => emit.node('Mul', [x!, emit.float(0.5)]),
      reference: ([x]) => ({ shape: x!.shape, data: Float64Array.from(x!.data, (v) => v / 2) }),
      samples: () => [],
    })
    const through = (f: (x: Value) => Value) => trace('g', { x: matrix(2, 3) }, ({ x }) => ({ g: grad(ops.sum(f(x)), [x])[0]! }))
    assert.throws(() => through(halve), /through 'halve', which has no gradient/)
    assert.doesNotThrow(() => through((x) => ops.mul(x, ops.stopGradient(halve(x)))))
  })

  test('is linear in its seed', async () => {
    const graph = trace('g', { x: matrix(2, 3) }, ({ x }) => {
      const loss = ops.mean(ops.square(ops.tanh(x)))
      return { once: grad(loss, [x])[0]!, scaled: grad(loss, [x], ops.constant(tensor('float32', [], [-3])))[0]! }
    })
    const { once, scaled } = await (await runtimes.reference().compile(graph)).run({ x: tensor('float32', [2, 3], [1, 2, -1, 0.5, 0, 3]) })
    for (let i = 0; i < 6; i++) assert.ok(Math.abs(Number(scaled!.data[i]) + 3 * Number(once!.data[i])) < 1e-6)
  })

  test('of a value the loss does not depend on is zero', async () => {
    const graph = trace('g', { x: matrix(1, 2), z: matrix(1, 2) }, ({ x, z }) => ({ g: grad(ops.sum(x), [z])[0]! }))
    const { g } = await (await runtimes.reference().compile(graph)).run({ x: tensor('float32', [1, 2]), z: tensor('float32', [1, 2]) })
    assert.deepEqual([...(g!.data as Float32Array)], [0, 0])
  })
})

describe('passes', () => {
  test('constants are folded, twins shared, ones and zeros gone, dead code never reached', () => {
    const graph = trace('g', { x: matrix('batch', 4) }, ({ x }) => {
      const unused = ops.exp(x)
      void unused
      const two = ops.add(ops.constant(tensor('float32', [], [1])), ops.constant(tensor('float32', [], [1])))
      const a = ops.mul(ops.tanh(x), 1)
      const b = ops.add(ops.tanh(x), 0)
      return { y: ops.mul(ops.add(a, b), two) }
    })
    const better = optimize(graph)
    assert.deepEqual(names(better).toSorted(), ['add', 'constant', 'input', 'mul', 'tanh'])
  })

  test('0 and -0 are not shared', () => {
    const graph = trace('g', { x: matrix(1, 1) }, ({ x }) => ({ a: ops.div(x, 0), b: ops.div(x, -0) }))
    assert.equal(count(optimize(graph), 'div'), 2)
  })

  test('a dense layer is one gemm, and its step of gradient descent one gemm into the new weight', () => {
    const graph = trace(
      'g',
      { x: matrix('batch', 4), w: matrix(4, 3), b: { dtype: 'float32', shape: [3] }, rate: { dtype: 'float32', shape: [] } },
      ({ x, w, b, rate }) => {
        const loss = ops.mean(ops.square(ops.add(ops.matmul(x, w), b)))
        return { next: ops.add(w, grad(loss, [w], ops.neg(rate))[0]!) }
      },
    )
    const better = optimize(graph)
    assert.equal(count(better, 'gemm'), 2)
    assert.equal(count(better, 'matmul'), 0)
    assert.equal(better.outputs.next!.node.op.name, 'gemm')
  })

  test('a product used twice is not computed twice', () => {
    const graph = trace('g', { x: matrix(2, 2), w: matrix(2, 2) }, ({ x, w }) => {
      const product = ops.matmul(x, w)
      return { y: ops.add(product, x), z: ops.relu(product) }
    })
    assert.equal(count(optimize(graph), 'gemm'), 0)
  })
})

describe('runtimes', () => {
  const graph = trace('g', { x: matrix('batch', 2) }, ({ x }) => ({ y: ops.mean(ops.mul(x, 3), { axes: [0] }) }))
  for (const [name, make] of Object.entries(runtimes)) {
    test(`${name}: any batch size on one executable; wrong feeds are named`, async () => {
      const executable = await make().compile(graph)
      for (const rows of [1, 3, 2]) {
        const { y } = await executable.run({ x: tensor('float32', [rows, 2], new Float32Array(rows * 2).fill(rows)) })
        assert.deepEqual([...(y!.data as Float32Array)], name === 'null' ? [0, 0] : [3 * rows, 3 * rows])
      }
      await assert.rejects(executable.run({}), /input 'x' was not given/)
      await assert.rejects(
        executable.run({ x: tensor('float32', [2, 3]) }),
        /'x' got float32\[2, 3\] but the graph needs float32\[batch, 2\]/,
      )
      await executable.release()
    })
  }

  test('outputs are written into given memory', async () => {
    const executable = await runtimes.onnxruntime().compile(graph)
    const into = { y: tensor('float32', [2]) }
    const { y } = await executable.run({ x: tensor('float32', [1, 2], [1, 2]) }, into)
    assert.equal(y, into.y)
    assert.deepEqual([...into.y.data], [3, 6])
  })

  test('an output that is an input, a constant, or given twice keeps its own name', async () => {
    const odd = trace('odd', { x: matrix(1, 2) }, ({ x }) => {
      const y = ops.relu(x)
      return { same: x, one: ops.constant(tensor('float32', [1], [1])), a: y, b: y }
    })
    const got = await (await runtimes.onnxruntime().compile(odd)).run({ x: tensor('float32', [1, 2], [-1, 2]) })
    assert.deepEqual(Object.fromEntries(Object.entries(got).map(([k, v]) => [k, [...(v.data as Float32Array)]])), {
      same: [-1, 2],
      one: [1],
      a: [0, 2],
      b: [0, 2],
    })
  })

  test('an unrolled graph deeper than the call stack compiles', () => {
    const deep = trace('deep', { x: matrix(1, 1) }, ({ x }) => {
      let y = x
      for (let i = 0; i < 20_000; i++) y = ops.tanh(y)
      return { y }
    })
    assert.ok(toOnnx(deep).length > 20_000)
    assert.ok(graphOf('again', deep.outputs))
  })
})
