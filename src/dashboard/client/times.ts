const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })
const UNITS: readonly [name: string, ms: number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
]

/** Keeps times up to date, each as `5 min ago`, with the full one in the visitor's own zone where the pointer rests. */
export function keepTimes(): void {
  writeTimes()
  setInterval(() => {
    if (!document.hidden) writeTimes()
  }, 1000)
}

export function writeTimes(): void {
  const now = Date.now()
  for (const element of document.querySelectorAll('time')) {
    const at = new Date(element.dateTime)
    const text = relative(at.getTime() - now)
    if (element.textContent !== text) element.textContent = text
    const full = FULL.format(at)
    if (element.title !== full) element.title = full
  }
}

function relative(ms: number): string {
  const size = Math.abs(ms)
  const unit = UNITS.find(([, unitMs]) => size >= unitMs)
  if (!unit) return 'now'
  const value = size / unit[1]
  const text = `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10} ${unit[0]}`
  return ms > 0 ? `in ${text}` : `${text} ago`
}
