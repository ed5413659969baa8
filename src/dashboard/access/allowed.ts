import type { DashboardAccess, DashboardAction } from '../options.ts'
import { DASHBOARD_ACTIONS } from '../options.ts'

/** What a visitor may do; null if not even look. */
export type Allowed = ReadonlySet<DashboardAction> | null

/** Anything that an `access` function should not return lets nobody in: it may be `undefined`, or a promise's mistake. */
export function allowedBy(access: DashboardAccess): Allowed {
  if (access === 'full') return new Set(DASHBOARD_ACTIONS)
  if (access === 'read') return new Set()
  return Array.isArray(access) ? new Set(access) : null
}
