/** Of a longer URL, the middle is left out of lists. */
const MOST_SHOWN = 400
const TAIL = 24

/** A URL on one line. Where there is no room for it, the styles cut it before its end, which tells it from others. */
export function Url({ of }: { of: string }) {
  const shown = of.length > MOST_SHOWN ? `${of.slice(0, MOST_SHOWN / 2)}…${of.slice(-MOST_SHOWN / 2)}` : of
  if (shown.length <= 2 * TAIL) return <bdi class="url">{shown}</bdi>
  return (
    <bdi class="url">
      <span class="url-start">{shown.slice(0, -TAIL)}</span>
      <span class="url-end">{shown.slice(-TAIL)}</span>
    </bdi>
  )
}
