import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { hasChromium } from '../../support/chromium.ts'
import { pagesOf, useStage } from './stage.ts'

const ROWS = 40
/** More than an hour, while every page asks each second. */
const LONG_MS = 4_000_000

const stage = useStage()

/** A row in the list of requests, by how many were spawned before it. */
const row = (index: number) => `tr:has-text("/live/${index}?")`

describe.skipIf(!hasChromium)('in a browser', () => {
  beforeEach(async () => {
    await stage.prisma.httpRequest.deleteMany({ where: { channel: 'live' } })
    await spawn(0, ROWS)
  })

  test('an update leaves what was typed, ticked, opened, scrolled to and focused', async () => {
    const page = await stage.open('/requests?channel=live')
    await page.locator('summary').click()
    await page.fill('input[name="url-starts-with"]', 'https://typed.example')
    await page.fill('input[name="url-contains"]', 'being typed')
    await page.check(`${row(20)} input[type=checkbox]`)
    await page.locator(`${row(18)} a`).focus()
    await page.evaluate('scrollTo(0, 400)')
    const topOf = async (index: number) => (await page.locator(row(index)).boundingBox())?.y ?? Number.NaN
    const top = await topOf(20)

    await stage.prisma.httpRequest.updateMany({
      where: { channel: 'live', url: { contains: '/live/18?' } },
      data: { state: 'cancelled', finishedAt: new Date() },
    })
    await spawn(ROWS, ROWS + 3)
    await page.waitForSelector(`${row(ROWS + 2)}`)
    await page.waitForSelector(`${row(18)} >> text=cancelled`)

    expect(await page.evaluate('document.querySelector("details").open')).toBe(true)
    expect(await page.inputValue('input[name="url-starts-with"]')).toBe('https://typed.example')
    expect(await page.inputValue('input[name="url-contains"]')).toBe('being typed')
    expect(await page.isChecked(`${row(20)} input[type=checkbox]`)).toBe(true)
    expect(await page.locator('input[name="id"]:checked').count()).toBe(1)
    expect(await page.evaluate('document.activeElement.closest("tr").textContent')).toContain('/live/18?')
    expect(Math.abs((await topOf(20)) - top)).toBeLessThan(2)
  })

  test('an update leaves the cursor in a field, and what is selected there', async () => {
    const page = await stage.open('/requests?channel=live')
    await page.fill('input[name="channel"]', 'half a channel')
    await page.evaluate('document.activeElement.setSelectionRange(5, 9)')
    await spawn(ROWS, ROWS + 1)
    await page.waitForSelector(row(ROWS))
    expect(await page.evaluate('document.activeElement.name')).toBe('channel')
    expect(await page.evaluate('String(getSelection())')).toBe('a ch')
  })

  test('a hidden tab asks nothing, and at once when it is seen again', async () => {
    const page = await stage.open('/')
    await page.clock.install()
    await page.reload()
    await page.clock.pauseAt(Date.now() + LONG_MS)
    await expect.poll(() => askedDuring(page, () => page.clock.runFor(1000))).toBe(1)
    await see(page, false)
    expect(await askedDuring(page, () => page.clock.runFor(LONG_MS))).toBe(0)
    expect(
      await askedDuring(page, async () => {
        await see(page, true)
        await page.clock.runFor(1)
      }),
    ).toBe(1)
  })

  test('a page that is paused asks nothing, also after it is loaded again, until it is told to', async () => {
    const page = await stage.open('/')
    await page.clock.install()
    await page.reload()
    const live = page.getByRole('button', { name: 'Live' })
    await live.click()
    await page.reload()
    expect(await live.getAttribute('aria-pressed')).toBe('false')
    await page.clock.pauseAt(Date.now() + LONG_MS)
    expect(await askedDuring(page, () => page.clock.runFor(LONG_MS))).toBe(0)
    await live.click()
    expect(await live.getAttribute('aria-pressed')).toBe('true')
    expect(await askedDuring(page, () => page.clock.runFor(1))).toBe(1)
  })

  test('a page says that its server is away, and goes on when it is back', async () => {
    const page = await stage.open('/requests?channel=live', { expected: /ERR_CONNECTION|ERR_EMPTY_RESPONSE/ })
    const status = page.getByRole('status').filter({ hasText: 'Out of date' })
    stage.disconnect()
    await status.waitFor()
    expect(await page.locator('tbody tr').count()).toBe(ROWS)
    await spawn(ROWS, ROWS + 1)
    await stage.connect()
    await page.waitForSelector(row(ROWS))
    expect(await status.count()).toBe(0)
  })

  test('a page keeps what it shows where something else answers, such as a login', async () => {
    const page = await stage.open('/requests?channel=live')
    await page.route('**/requests?*', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Log in</h1>' }))
    await page.getByRole('status').filter({ hasText: 'Out of date' }).waitFor()
    expect(await page.locator('tbody tr').count()).toBe(ROWS)
  })

  test('times are those of the visitor, and go on', async () => {
    const page = await stage.open('/requests?channel=live', { timezoneId: 'Asia/Tokyo', locale: 'en-GB' })
    const time = page.locator('tbody time').first()
    await expect.poll(() => time.getAttribute('title')).toMatch(/^\d+ \w+ \d{4}, \d\d:\d\d:\d\d (?:GMT\+9|JST)$/)
    await page.getByRole('button', { name: 'Live' }).click()
    const before = await time.textContent()
    await expect.poll(() => time.textContent(), { timeout: 10_000 }).not.toBe(before)
  })

  test('nothing moves on any page while it is kept up to date', async () => {
    // Nothing comes or goes meanwhile.
    await stage.requeuest.pause({ origin: stage.incident.refusing })
    const claimed = () => stage.requeuest.inspect.count({ state: 'claimed' })
    await expect.poll(async () => (await claimed()).count, { timeout: 20_000 }).toBe(0)
    const page = await stage.open('/', { expected: /status of 40[04]/ })
    await page.addInitScript(WATCH_SHIFTS)
    const moved: Record<string, unknown> = {}
    for (const [name, path] of Object.entries(await pagesOf(stage))) {
      await page.goto(stage.url + path)
      const isStill = (await page.locator('[data-still]').count()) > 0
      if (!isStill) await updates(page, 3)
      const shifts = await page.evaluate<unknown[]>('shifts')
      if (shifts.length > 0) moved[name] = shifts
    }
    expect(moved).toEqual({})
  }, 180_000)
})

/** What moved, and by how much, as the browser sees it. */
const WATCH_SHIFTS = `
  window.shifts = []
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      shifts.push([value, ...sources.map(({ node }) => (node?.outerHTML ?? String(node?.data)).slice(0, 100))])
    }
  }).observe({ type: 'layout-shift', buffered: true })`

/** Waits until a page was brought up to date so often. */
async function updates(page: Page, count: number): Promise<void> {
  for (let seen = 0; seen < count; seen++) {
    const answer = await page.waitForResponse((response) => response.request().headers()['x-requeuest-part'] === 'main')
    await answer.finished()
  }
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))')
}

/** How often a page asked for what is new during that. */
async function askedDuring(page: Page, work: () => Promise<unknown>): Promise<number> {
  let asked = 0
  const count = () => {
    asked++
  }
  page.on('request', count)
  await work()
  page.off('request', count)
  return asked
}

/** Shows or hides a tab, as its window tells it. */
async function see(page: Page, isSeen: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { configurable: true, value: ${!isSeen} })
    document.dispatchEvent(new Event('visibilitychange'))`)
}

/** Requests that wait in a channel that no worker serves, each after the one before. */
async function spawn(from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) {
    await stage.requeuest.spawn('live', `${stage.incident.well}/live/${index}?`)
  }
}
