export type * from './index.ts'
export { instrument } from './index.ts'
