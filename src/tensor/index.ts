export * from './dtype.ts'
export * from './parameters.ts'
export * from './shape.ts'
export * from './tensor.ts'
