export const INVARIANTS = ['I1', 'I2', 'I3', 'I4', 'I6', 'I7', 'I17'] as const

/** One thing in a history that may not be. */
export interface Violation {
  invariant: (typeof INVARIANTS)[number]
  /** The request's id, or the process that it is about. */
  about: string
  says: string
}
