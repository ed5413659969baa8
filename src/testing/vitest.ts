// What `require` finds, and says: Vitest is there for `import` only. TypeScript finds the matchers here as well.
import { expect } from 'vitest'
import { matchers } from './matchers.ts'
import type {} from './vitest-matchers.ts'

expect.extend(matchers)
