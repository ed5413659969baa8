import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { embeddedModules } from '../../scripts/embedded-modules.ts'

test.each([...embeddedModules()])('%s holds what prisma/ and package.json say', (file, text) => {
  expect(readFileSync(file, 'utf8') === text, 'It is out of date: run `npm run embed`.').toBe(true)
})
