export const DAY_MS = 86_400_000

/** The largest whole number that the columns hold. */
export const MAX_INT = 2_147_483_647

/** In whole days, the longest that a timer of Node can wait and that an integer column can hold in milliseconds. */
export const MAX_TIMER_MS = 24 * DAY_MS

/** Far beyond any deadline, near enough for Postgres to add to the present. */
export const MAX_SPAN_MS = 100 * 365 * DAY_MS
