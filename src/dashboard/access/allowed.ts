import { DASHBOARD_ACTIONS, type DashboardAction } from '../options.ts'

/** What a visitor may do; null if not even look. */
export type Allowed = ReadonlySet<DashboardAction> | null

const ALL: ReadonlySet<unknown> = new Set(DASHBOARD_ACTIONS)

/** What an `access` function has returned. Anything that it should not return lets nobody in. */
export function allowedBy(access: unknown): Allowed {
  if (access === 'full') return new Set(DASHBOARD_ACTIONS)
  if (access === 'read') return new Set()
  return Array.isArray(access) && access.every((action) => ALL.has(action)) ? new Set(access) : null
}
