export type * from './index.ts'
export { cronRoute } from './index.ts'
