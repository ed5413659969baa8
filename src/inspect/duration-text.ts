const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const

/** A span of time as people read it: `3 d`, `2 h`, `850 ms`. */
export function durationText(ms: number): string {
  const [unit, unitMs] = UNITS.find(([, unitMs]) => ms >= unitMs) ?? ['ms', 1]
  const value = ms / unitMs
  return `${value >= 10 || unitMs === 1 ? Math.round(value) : Math.round(value * 10) / 10} ${unit}`
}
