export type * from './index.ts'
export { prometheus } from './index.ts'
