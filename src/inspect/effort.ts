/** How much an answer may read. */
export interface Effort {
  /** Counts are exact up to this. */
  counted: number
  /** The same for all channels together: where there are many, fewer are counted of each. */
  countedInAll: number
  /** Pages of the table in a sample. */
  samplePages: number
  /** How many of the last requests a page of a list is chosen from. */
  window: number
  /** How many requests are few enough to look at each of them. */
  few: number
  /** How many of the last failed requests are grouped. */
  failures: number
  /** How many held lines are listed. */
  lines: number
}

/** For who asks once: the methods of {@link Inspect}. */
export const THOROUGH: Effort = {
  counted: 10_000,
  countedInAll: 200_000,
  samplePages: 1000,
  window: 20_000,
  few: 10_000,
  failures: 10_000,
  lines: 1000,
}

/** For a page that is asked for every few seconds: about 2000 pages of the database at most. */
export const QUICK: Effort = {
  counted: 1000,
  countedInAll: 1000,
  samplePages: 300,
  window: 4000,
  few: 100,
  failures: 200,
  lines: 100,
}
