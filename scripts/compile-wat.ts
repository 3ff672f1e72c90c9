/**
 * Compiles the kernels written as WebAssembly text: each `kernel.wat` under src/ to `kernel.generated.ts` beside it.
 *
 *     node scripts/compile-wat.ts
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import wabt from 'wabt'

/** The module of a text, as the TypeScript file that holds it. */
export async function compileWat(name: string, text: string): Promise<string> {
  const tools = await wabt()
  const features = { threads: true, simd: true, bulk_memory: true, mutable_globals: true, sat_float_to_int: true }
  const parsed = tools.parseWat(name, text, features)
  // Its types do not know that validating takes features too.
  ;(parsed.validate as (features: object) => void).call(parsed, features)
  const { buffer } = parsed.toBinary({ write_debug_names: true })
  const lines =
    Buffer.from(buffer)
      .toString('base64')
      .match(/.{1,120}/g) ?? []
  return [
    '/** Made from the .wat beside it by scripts/compile-wat.ts; not to be changed by hand. */',
    'export const wasm: string = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('')",
    '',
  ].join('\n')
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '../src')
  for (const file of readdirSync(root, { recursive: true }) as string[]) {
    if (!file.endsWith('.wat')) continue
    const text = await compileWat(file, readFileSync(join(root, file), 'utf8')).catch((error: Error) => {
      // Not thrown on: its place is one line of half a million letters.
      process.stderr.write(`${error.message}\n`)
      process.exit(1)
    })
    writeFileSync(join(root, file.replace(/\.wat$/, '.generated.ts')), text)
  }
}
