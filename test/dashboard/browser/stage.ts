import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PrismaPg } from '@prisma/adapter-pg'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { createDashboard } from '../../../src/dashboard/index.ts'
import { Requeuest } from '../../../src/index.ts'
import { hasChromium, launchChromium } from '../../support/chromium.ts'
import { freshDatabase } from '../../support/fixture.ts'
import { type Incident, stageIncident } from '../incident.ts'

if (!hasChromium) console.warn('There is no Chromium on this machine, so what needs a browser is not tested.')

/** An incident, a dashboard of it, and a browser. */
export class Stage {
  prisma!: PrismaClient
  requeuest!: Requeuest
  incident!: Incident
  url!: string
  #server!: Server
  #browser!: Browser

  async begin(): Promise<void> {
    this.prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: await freshDatabase() }) })
    this.requeuest = new Requeuest(this.prisma, {
      network: { allow: ['127.0.0.1'] },
      retry: { backoff: { base: 200, factor: 1, jitter: 'none' } },
      breaker: { openFor: '1s', maxOpenFor: '1s' },
    })
    this.incident = await stageIncident(this.prisma, this.requeuest)
    const handler = createDashboard(this.requeuest, { access: () => 'full', bodies: 'show', refresh: '1s' }).toNode()
    this.#server = createServer(handler)
    await this.connect()
    this.#browser = await launchChromium()
  }

  async end(): Promise<void> {
    await this.#browser.close()
    this.disconnect()
    await this.requeuest.stop({ timeout: 0 })
    await this.incident[Symbol.asyncDispose]()
    await this.prisma.$disconnect()
  }

  /** The server comes back under its address. */
  async connect(): Promise<void> {
    this.#server.listen(this.url === undefined ? 0 : Number(new URL(this.url).port), '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The server goes away. */
  disconnect(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  /**
   * A tab in a window of its own. What goes wrong in it fails the test.
   *
   * @param expected - messages of the console that are no news
   */
  async open(
    path: string,
    { expected, ...options }: BrowserContextOptions & { expected?: RegExp } = {},
  ): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    const page = await context.newPage()
    const problems: string[] = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text())
    })
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('request', (request) => {
      if (!request.url().startsWith(this.url) && !request.url().startsWith('data:')) problems.push(request.url())
    })
    onTestFinished(async () => {
      await context.close()
      expect(problems.filter((problem) => !expected?.test(problem))).toEqual([])
    })
    await page.goto(this.url + path)
    return page
  }
}

/** One for all tests of a file. */
export function useStage(): Stage {
  const stage = new Stage()
  if (hasChromium) {
    beforeAll(() => stage.begin(), 120_000)
    afterAll(() => stage.end())
  }
  return stage
}

/** Every page of the dashboard, by what it shows. */
export async function pagesOf({ prisma, incident }: Stage): Promise<Record<string, string>> {
  const idOf = async (state: 'failed' | 'delivered' | 'pending') =>
    (await prisma.httpRequest.findFirstOrThrow({ where: { state } })).id
  const line = new URLSearchParams({ channel: 'billing', key: 'customer-7' })
  return {
    overview: '/',
    requests: '/requests',
    'requests that failed': '/requests?state=failed',
    'no requests': '/requests?channel=nowhere',
    'a failed request': `/requests/${await idOf('failed')}`,
    'a delivered request': `/requests/${await idOf('delivered')}`,
    'a pending request': `/requests/${await idOf('pending')}`,
    failures: '/failures',
    receivers: '/receivers',
    'a receiver': `/receivers/one?origin=${encodeURIComponent(incident.refusing)}`,
    channels: '/channels',
    'a channel': '/channels/one?channel=billing',
    lines: '/lines',
    schedules: '/schedules',
    workers: '/workers',
    'redriving many': '/actions/redrive?state=failed',
    'cancelling many': '/actions/cancel?state=pending',
    pausing: '/actions/pause?channel=orders',
    limiting: '/actions/setLimits?channel=orders',
    rescheduling: '/actions/reschedule?channel=orders',
    retargeting: `/actions/retarget?id=${await idOf('pending')}`,
    'releasing a line': `/actions/release?${line}`,
    'nothing to be found': '/nothing',
    'what cannot be read': '/requests?status=many',
  }
}
