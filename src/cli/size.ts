/** Sizes as people write them. */

/** Bytes of '2GiB', '500 MB', '1048576'; undefined for what is no size. */
export function bytesIn(text: string): number | undefined {
  const [, number, prefix = '', binary] = /^(\d+(?:\.\d+)?)\s*([kMGT]?)(i?)B?$/i.exec(text.trim()) ?? []
  const bytes = Number(number) * (binary ? 1024 : 1000) ** ['', 'k', 'm', 'g', 't'].indexOf(prefix.toLowerCase())
  return bytes >= 1 ? Math.floor(bytes) : undefined
}
