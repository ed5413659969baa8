/** As long as the database keeps it. */
const LONGEST = 300

/** Scheme, host and port of a URL that was checked, or a renderer's URL: the same as `requeuest_origin` reads from it. */
export function originOf(url: string): string {
  const end = url.indexOf('/', url.indexOf('://') + 3)
  return url.slice(0, end < 0 ? LONGEST : Math.min(end, LONGEST))
}
