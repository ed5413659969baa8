import type { BoundedCount } from '../../inspect/bounded-count.ts'
import { durationText } from '../../inspect/duration-text.ts'

const NUMBER = new Intl.NumberFormat('en-US')

export function numberText(value: number): string {
  return NUMBER.format(value)
}

/** `12,345`, and `about 1,230,000` where it is estimated. */
export function countText({ count, isEstimate }: BoundedCount): string {
  return isEstimate ? `about ${numberText(rounded(count))}` : numberText(count)
}

/** `1 request`, `2 requests` */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`
}

export function percentText(part: number, whole: number): string {
  if (whole === 0) return '–'
  const percent = (100 * part) / whole
  // What is not all does not read as all.
  return `${percent > 99.9 && part < whole ? '99.9' : percent.toFixed(percent < 99.95 && percent !== 0 ? 1 : 0)} %`
}

/** A latency, or a dash where there is none. */
export function millisecondsText(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '–' : durationText(ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms))
}

/** To three digits: more of an estimate says nothing. */
export function rounded(count: number): number {
  return Number(count.toPrecision(3))
}

/** `850 bytes`, `12.3 kB`, `1.2 MB` */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return plural(bytes, 'byte')
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, 'kB'] : [bytes / 1_000_000, 'MB']
  return `${Number(value.toPrecision(3))} ${unit}`
}
