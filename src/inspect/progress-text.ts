/** `5,000 of 10,000 redriven, 2,500/s, 2 s left` */
export function progressText(number: number, total: number, tookMs: number, done: string): string {
  const perSecond = number / (tookMs / 1000)
  const leftS = perSecond > 0 ? Math.ceil(Math.max(0, total - number) / perSecond) : undefined
  const text = (value: number) => Math.round(value).toLocaleString('en-US')
  const left = leftS === undefined ? '' : `, ${leftS > 120 ? `${text(leftS / 60)} min` : `${text(leftS)} s`} left`
  return `${text(number)} of ${text(total)} ${done}, ${text(perSecond)}/s${left}`
}
