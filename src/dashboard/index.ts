export type { Duration } from '../check/duration.ts'
export type { RequestFilter } from '../control/filter.ts'
export { createDashboard, type Dashboard } from './dashboard.ts'
export type { NodeHandler } from './node.ts'
export type {
  DashboardAccess,
  DashboardAction,
  DashboardActionEvent,
  DashboardOptions,
} from './options.ts'
