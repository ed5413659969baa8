import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { hasChromium } from '../../support/chromium.ts'
import { useStage } from './stage.ts'

const MOST_TABS = 80

const stage = useStage()

describe.skipIf(!hasChromium)('in a browser', () => {
  test('an incident is found and ended: a line is released, and what failed is redriven once the receiver is well', async () => {
    const { incident, prisma } = stage
    const page = await stage.open('/')
    await page.getByText('The line “customer-7” of the channel billing is held').click()
    await page.getByRole('link', { name: 'Release customer-7' }).click()
    expect(await page.title()).toMatch('Release')
    incident.recover()
    await page.getByRole('button', { name: /^Release/ }).click()
    await page.waitForURL('**/lines?*')
    await said(page, 'released')

    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByText(`to ${incident.refusing} failed in the last hour`).click()
    await page
      .getByRole('link', { name: `Redrive what failed so at ${incident.refusing}` })
      .first()
      .click()
    await page.getByRole('button', { name: /^Redrive \d+ request/ }).click()
    await said(page, /requests? (?:was|were) redriven/)
    // The way back is where the keyboard is.
    await page.keyboard.press('Enter')
    await page.waitForURL('**/failures?*')
    await said(page, /requests? (?:was|were) redriven/)

    const open = { channel: 'billing', state: { not: 'delivered' as const } }
    await expect.poll(() => prisma.httpRequest.count({ where: open }), { timeout: 60_000, interval: 200 }).toBe(0)
    await page.getByRole('link', { name: 'Overview' }).click()
    expect(await page.locator('main').textContent()).not.toMatch('is held')
  }, 120_000)

  test('a channel is paused and resumed', async () => {
    const page = await stage.open('/channels')
    await page.getByRole('link', { name: 'orders', exact: true }).click()
    await page.getByRole('link', { name: 'Pause' }).click()
    await page.getByRole('button', { name: /^Pause/ }).click()
    await page.getByRole('link', { name: 'Resume' }).waitFor()
    const id = await stage.requeuest.spawn('orders', stage.incident.well)
    await said(page, 'paused')
    expect((await stage.requeuest.find(id))?.state).toBe('pending')
    await page.getByRole('link', { name: 'Resume' }).click()
    await page.getByRole('button', { name: /^Resume/ }).click()
    await page.getByRole('link', { name: 'Pause' }).waitFor()
    await stage.requeuest.waitFor(id)
  })

  test('some of the requests that are listed are cancelled', async () => {
    const page = await stage.open('/requests?channel=invoices')
    const boxes = page.locator('input[type=checkbox][name="id"]')
    for (const index of [0, 2, 3]) await boxes.nth(index).check()
    await page.getByText('3 selected').waitFor()
    const ids = await page
      .locator('input[type=checkbox][name="id"]:checked')
      .evaluateAll((all) => all.map((box) => box.getAttribute('value')))
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Cancel 3 requests' }).click()
    await said(page, '3 requests were cancelled')
    const cancelled = await stage.prisma.httpRequest.findMany({ where: { channel: 'invoices', state: 'cancelled' } })
    expect(cancelled.map(({ id }) => id).sort()).toEqual(ids.sort())
  })

  test('the keyboard is enough', async () => {
    const page = await stage.open('/requests?channel=exports')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toMatch('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
    await tabTo(page, 'input[type=checkbox][name="id"]')
    await page.keyboard.press('Space')
    await tabTo(page, 'button[formaction$="/cancel"]')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/actions/cancel?*')
    await tabTo(page, 'main button[type=submit]')
    await page.keyboard.press('Enter')
    await said(page, '1 request was cancelled')
  })

  test('everything works without scripts', async () => {
    const page = await stage.open('/requests', { javaScriptEnabled: false })
    await page.getByRole('checkbox', { name: 'pending' }).check()
    await page.getByLabel('Channel', { exact: true }).fill('invoices')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.locator('input[type=checkbox][name="id"]').first().check()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: /^Cancel 1 request/ }).click()
    await said(page, '1 request was cancelled')
    expect(new URL(page.url()).searchParams.get('channel')).toBe('invoices')
  })
})

/** Waits until the page tells what was done. */
async function said(page: Page, text: string | RegExp): Promise<void> {
  await page.getByRole('status').filter({ hasText: text }).waitFor()
}

/** Goes on with the Tab key until that has the focus, which is seen. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let tabs = 0; tabs < MOST_TABS; tabs++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`)) {
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none')
      return
    }
  }
  throw new Error(`${selector} is not reached within ${MOST_TABS} tabs`)
}
