/** Something that `doctor` has found. */
export interface Finding {
  /** Which look has found it: `time_zone`. */
  check: string
  /** A notice is good to know and no reason for exit code 1. */
  level: 'warning' | 'notice'
  message: string
  /** What to do. */
  advice: string
}
