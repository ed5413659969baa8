/** Of a longer URL, the middle is left out of lists and headings. */
const MOST_SHOWN = 300
const TAIL = 24

/** The beginning and the end, which tells it from others. */
export function shortened(url: string): string {
  return url.length > MOST_SHOWN ? `${url.slice(0, MOST_SHOWN - 2 * TAIL)}…${url.slice(-2 * TAIL)}` : url
}

/** A URL on one line. Where there is no room for it, the styles cut it before its end. */
export function Url({ of }: { of: string }) {
  const shown = shortened(of)
  const end = shown.length > 2 * TAIL ? shown.slice(-TAIL) : ''
  return (
    <bdi class="url">
      <span class="url-start">{shown.slice(0, shown.length - end.length)}</span>
      {end && <span class="url-end">{end}</span>}
    </bdi>
  )
}
