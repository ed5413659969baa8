import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { script, styles } from '../../src/dashboard/embedded-assets.ts'

test('a browser loads less than 100 kB of script and styles, once', () => {
  expect(gzipSync(script).length + gzipSync(styles).length).toBeLessThan(100_000)
})
