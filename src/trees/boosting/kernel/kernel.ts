import { type Module, type SharedMemory, webAssembly } from '../../webAssembly.ts'

/** What kernel.wat exports; addresses are bytes. Bins of histograms are 16 bytes: gradients (i64), rows << shift | hessians (i64). */
export interface Kernel {
  hist4(rows: number, count: number, bins: number, gh: number, one: bigint, h0: number, h1: number, h2: number, h3: number): void
  hist2(rows: number, count: number, bins: number, gh: number, one: bigint, h0: number, h1: number): void
  hist1(rows: number, count: number, bins: number, gh: number, one: bigint, h0: number): void
  add(a: number, b: number, bytes: number): void
  subtract(a: number, b: number, bytes: number): void
  fill(at: number, bytes: number): void
  copy(to: number, from: number, bytes: number): void
  total(hist: number, bins: number, out: number): void
  part(rows: number, count: number, bins: number, table: number, left: number, right: number): number
  raise(rows: number, count: number, scores: number, value: number): void
  run(slot: number, record: number, node: number, scratch: number): number
  best(slot: number, from: number, to: number, active: number, node: number, scratch: number, out: number): void
  softmax(
    scores: number,
    scoreStep: number,
    classes: number,
    gh: number,
    ghStep: number,
    y: number,
    w: number,
    from: number,
    to: number,
    scaleG: number,
    scaleH: number,
    scratch: number,
  ): void
  squared(scores: number, gh: number, y: number, w: number, from: number, to: number, scaleG: number, scaleH: number): void
  squaredLargest(scores: number, y: number, w: number, from: number, to: number, out: number): void
  logistic(scores: number, gh: number, y: number, w: number, from: number, to: number, scaleG: number, scaleH: number): void
}

export function kernelOn(memory: SharedMemory, module: Module): Kernel {
  return new webAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel
}
