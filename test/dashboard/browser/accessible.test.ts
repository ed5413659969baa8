import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { hasChromium } from '../../support/chromium.ts'
import { pagesOf, useStage } from './stage.ts'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
/** A page that is not found, or cannot be read, says so in its status. */
const expected = /status of 40[04]/

const stage = useStage()

describe.skipIf(!hasChromium)('in a browser', () => {
  test.each([
    ['light', 1280],
    ['light', 390],
    ['dark', 1280],
    ['dark', 390],
  ] as const)(
    'axe finds nothing on any page, %s and %i pixels wide',
    async (colorScheme, width) => {
      const page = await stage.open('/', { colorScheme, viewport: { width, height: 800 }, expected })
      const found: Record<string, string[]> = {}
      for (const [name, path] of Object.entries(await pagesOf(stage))) {
        await page.goto(stage.url + path)
        const problems = [...(await axeFindings(page)), ...(await sideways(page))]
        if (problems.length > 0) found[name] = problems
      }
      expect(found).toEqual({})
    },
    180_000,
  )
})

async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const options = { runOnly: { type: 'tag', values: TAGS }, rules: { 'target-size': { enabled: true } } }
  const { passes, violations } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(options)})`)
  expect(passes.length).toBeGreaterThan(10)
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`))
}

/** Pages scroll down; only tables scroll sideways. */
async function sideways(page: Page): Promise<string[]> {
  const beyond = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  return beyond > 0 ? [`it is ${beyond} pixels too wide`] : []
}
