import { durationText } from '../../inspect/duration-text.ts'

/** A time as `5 min ago`; in full, in the viewer's zone, where the pointer rests. The page's script keeps both up to date. */
export function Time({ at }: { at: Date }) {
  return (
    <time datetime={at.toISOString()} title={at.toISOString()}>
      {relativeText(at.getTime() - Date.now())}
    </time>
  )
}

/** A time that there may not be. */
export function TimeOrNone({ at }: { at: Date | null }) {
  return at === null ? <span class="none">–</span> : <Time at={at} />
}

/** `in 5 min`, `5 min ago`, `now` */
function relativeText(ms: number): string {
  if (Math.abs(ms) < 1000) return 'now'
  return ms > 0 ? `in ${durationText(ms)}` : `${durationText(-ms)} ago`
}
