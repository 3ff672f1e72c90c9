/** Numbers as people read them, of steady width so that a line that is redrawn does not dance. */

/** 0.9712, 12.35, 1234, 3.2e-5. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value)
  const size = Math.abs(value)
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2)
  return value.toFixed(size < 10 ? 4 : size < 1000 ? 2 : 0)
}

/** 48213 to '48.2k'. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return '?'
  const units = ['', 'k', 'M', 'G']
  let unit = 0
  let left = value
  while (left >= 999.5 && unit < units.length - 1) {
    left /= 1000
    unit++
  }
  return `${left >= 99.5 || (unit === 0 && Number.isInteger(left)) ? Math.round(left) : left.toFixed(1)}${units[unit]}`
}

/** Seconds to '0:12', '12:05', '1:02:33'. */
export function formatClock(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  const whole = Math.max(0, Math.round(seconds))
  const two = (n: number) => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}
