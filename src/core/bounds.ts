export const DAY_MS = 86_400_000

/** The largest whole number that the columns hold, and the longest that a timer of Node can wait. */
export const MAX_INT = 2_147_483_647

/** Far beyond any deadline, near enough for Postgres to add to the present. */
export const MAX_SPAN_MS = 100 * 365 * DAY_MS
