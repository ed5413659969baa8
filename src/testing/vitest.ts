// What `require` finds, and says: Vitest is there for `import` only. TypeScript finds the matchers here as well.
import { expect } from 'vitest'
import { matchers } from './matchers.ts'

expect.extend(matchers)

export type { RequeuestMatchers } from './vitest-matchers.ts'
