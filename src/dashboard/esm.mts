export type * from './index.ts'
export { createDashboard } from './index.ts'
