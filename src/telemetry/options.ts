import { InvalidInputError } from '../errors.ts'
import { resolveOrigins } from './origins.ts'

/** Whether this process tells the depth; `'auto'`: if its worker is the first that does. */
export type DepthReporting = boolean | 'auto'

/** What is measured. */
export interface MeasureOptions {
  /**
   * Whether this process measures what is in the queue. `'auto'`: of all live workers whose processes measure, the one that started
   * first, so that it is measured once for the database. True suits one process that has no worker. @default 'auto'
   */
  depth?: boolean | 'auto'
  /**
   * Origins such as `https://api.example.com` that metrics have as the label `origin`; all others are `other`. Without a list there is no
   * such label: an application may send to any number of them.
   */
  origins?: readonly string[]
}

export const MEASURE_KEYS = ['depth', 'origins'] as const

export interface MeasureTerms {
  depth: DepthReporting
  origins: ReadonlySet<string> | undefined
}

/** Throws {@link InvalidInputError} if an option is invalid. */
export function resolveMeasureOptions({ depth = 'auto', origins }: MeasureOptions): MeasureTerms {
  if (depth !== 'auto' && typeof depth !== 'boolean') {
    throw new InvalidInputError('options.depth', depth, "true, false or 'auto'")
  }
  return { depth, origins: origins && resolveOrigins('options.origins', origins) }
}
