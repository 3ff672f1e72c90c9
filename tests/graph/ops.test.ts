import { describe, test } from 'node:test'
import * as ops from '../../src/graph/ops/index.ts'
import { onnxruntime } from '../../src/graph/runtimes/onnxruntime.ts'
import { opConformance } from '../../src/graph/testing/conformance.ts'

describe('every operator: gradient = finite differences, onnxruntime = reference', () => {
  for (const [name, { op }] of Object.entries(ops)) {
    test(name, async () => {
      for (const seed of [1, 2, 3]) await opConformance(op, onnxruntime(), seed)
    })
  }
})
