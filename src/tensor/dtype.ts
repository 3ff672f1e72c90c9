/** Element types. Labels and tokens are int32, masks are bool (one byte each), int64 exists only to speak with others. */
export const dtypes = {
  float32: { array: Float32Array, bytes: 4, safetensors: 'F32', onnx: 1 },
  float64: { array: Float64Array, bytes: 8, safetensors: 'F64', onnx: 11 },
  int32: { array: Int32Array, bytes: 4, safetensors: 'I32', onnx: 6 },
  int64: { array: BigInt64Array, bytes: 8, safetensors: 'I64', onnx: 7 },
  uint8: { array: Uint8Array, bytes: 1, safetensors: 'U8', onnx: 2 },
  bool: { array: Uint8Array, bytes: 1, safetensors: 'BOOL', onnx: 9 },
} as const

export type DType = keyof typeof dtypes
/** The storage of each element type; it may be shared between threads. */
interface Arrays {
  float32: Float32Array
  float64: Float64Array
  int32: Int32Array
  int64: BigInt64Array
  uint8: Uint8Array
  bool: Uint8Array
}
export type ArrayOf<D extends DType> = Arrays[D]
/** Any storage of numbers a tensor may have, int64 excepted. */
export type NumericArray = Float32Array | Float64Array | Int32Array | Uint8Array

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64'
}
