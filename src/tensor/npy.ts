/**
 * NumPy's .npy files, versions 1 and 2: the magic word, the header's length, a Python literal that says dtype and shape,
 * the numbers. Little endian and C order only, which is what NumPy writes unless asked otherwise.
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { bytesOf } from '../core/bytes.ts'
import { fail } from '../core/errors.ts'
import { type DType, dtypes } from './dtype.ts'
import { sizeOf } from './shape.ts'
import type { Tensor } from './tensor.ts'
import { numbersOf } from './views.ts'

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59) // \x93NUMPY
const descriptions: Record<DType, string> = { float32: '<f4', float64: '<f8', int32: '<i4', int64: '<i8', uint8: '|u1', bool: '|b1' }
const dtypeOf = new Map((Object.keys(descriptions) as DType[]).map((dtype) => [descriptions[dtype], dtype]))

/** A tensor as a .npy file of version 1, or 2 where the header needs it. The numbers begin at a multiple of 64 bytes. */
export function encode({ dtype, shape, data }: Tensor): Uint8Array {
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '${descriptions[dtype]}', 'fortran_order': False, 'shape': (${list}), }`
  const prefix = text.length < 65_000 ? 10 : 12
  const start = Math.ceil((prefix + text.length + 1) / 64) * 64
  const bytes = new Uint8Array(start + data.byteLength)
  const view = new DataView(bytes.buffer)
  bytes.set(magic)
  bytes[6] = prefix === 10 ? 1 : 2
  if (prefix === 10) view.setUint16(8, start - prefix, true)
  else view.setUint32(8, start - prefix, true)
  bytes.set(new TextEncoder().encode(`${text.padEnd(start - prefix - 1)}\n`), prefix)
  bytes.set(bytesOf(data), start)
  return bytes
}

/**
 * The tensor of a .npy file: a view of its memory where alignment allows, a copy otherwise.
 *
 * @param file how errors call it.
 * @throws FILE_CORRUPT when its parts do not fit together; FILE_UNSUPPORTED for Fortran order, big endian, other dtypes.
 */
export function decode(bytes: Uint8Array, file = 'The .npy file'): Tensor {
  const corrupt = (problem: string) => fail('FILE_CORRUPT', file, problem)
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) throw corrupt('it does not begin as NumPy files do')
  const version = bytes[6]
  if (version !== 1 && version !== 2)
    throw fail('FILE_UNSUPPORTED', file, `format version ${version}`, 'Save it with numpy.lib.format.write_array(..., version=(2, 0))')
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const prefix = version === 1 ? 10 : 12
  const start = prefix + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true))
  if (start > bytes.length) throw corrupt(`its header ends at byte ${start}, and the file has ${bytes.length}`)

  const header = new TextDecoder('latin1').decode(bytes.subarray(prefix, start))
  const description = /'descr': *(?:'([^']*)'|\[)/.exec(header)
  const order = /'fortran_order': *(True|False)/.exec(header)?.[1]
  const list = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1]
  if (!description || order === undefined || list === undefined) throw corrupt('its header does not name descr, fortran_order and shape')
  const dtype = dtypeOf.get(description[1] ?? '')
  if (dtype === undefined) {
    const known = Object.keys(descriptions).join(', ')
    throw fail('FILE_UNSUPPORTED', file, `dtype ${description[1] ?? 'of named fields'}`, `Convert it with .astype to one of ${known}`)
  }
  const shape = list
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number)
  if (order === 'True' && shape.length > 1)
    throw fail('FILE_UNSUPPORTED', file, 'Fortran order', 'Save numpy.ascontiguousarray of the array')
  const length = sizeOf(shape) * dtypes[dtype].bytes
  if (length !== bytes.length - start || !shape.every(Number.isSafeInteger))
    throw corrupt(`shape [${shape.join(', ')}] of ${dtype} needs ${length} bytes of data and the file has ${bytes.length - start}`)
  return { dtype, shape, data: numbersOf(dtype, bytes.subarray(start)) }
}
