import type {} from 'vitest'
import type { RequeuestMatchers } from './matchers.ts'

declare module 'vitest' {
  interface Matchers<T> extends RequeuestMatchers {}
}

export type { RequeuestMatchers }
