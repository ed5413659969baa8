import type { Contest } from '../harness/contest.ts'
import type { Options } from '../harness/options.ts'

/** One question that the bench asks. */
export interface Workload {
  name: string
  title: string
  /** Pairs of each variant, unless the command line says otherwise. */
  reps: number
  /** Can be held only where the systems run that the contest names; those that do not are left out. */
  contests(options: Options): Contest[]
}
