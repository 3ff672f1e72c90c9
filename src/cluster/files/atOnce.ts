/** Does something for all of a list, so many at a time; after a failure nothing more is begun, and what was begun is waited for. */
export async function atOnce<T>(many: number, items: readonly T[], task: (item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0
  let failed: { readonly error: unknown } | undefined
  const lane = async () => {
    while (next < items.length && failed === undefined) {
      const index = next++
      try {
        await task(items[index] as T, index)
      } catch (error) {
        failed ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(many, items.length) }, lane))
  if (failed !== undefined) throw failed.error
}
