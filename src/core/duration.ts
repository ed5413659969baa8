const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The milliseconds that a text such as `'90s'`, `'30m'`, `'12h'` or `'7d'` says; null when it is none. */
export function parseDuration(text: string): number | null {
  const [, count, unit] = /^(\d{1,15})(ms|s|m|h|d)$/.exec(text) ?? []
  return count === undefined || unit === undefined ? null : Number(count) * (UNIT_MS[unit] as number)
}
