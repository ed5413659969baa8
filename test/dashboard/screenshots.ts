import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { launchChromium } from '../support/chromium.ts'
import { freePort } from '../support/postgres.ts'
import { startStaged } from './staged.ts'

// `npx tsx test/dashboard/screenshots.ts`: the pictures of the documentation. With a folder behind it: every page there, light and
// dark, wide and narrow, to be looked at.
const PICTURES = path.resolve(import.meta.dirname, '../../docs/images')
const folder = process.argv[2]

const staged = await startStaged(await freePort())
await insertPast(staged.prisma, staged.incident)
const browser = await launchChromium()
const looks = folder
  ? (['light', 'dark'] as const).flatMap((scheme) => [1280, 390].map((width) => ({ scheme, width })))
  : [{ scheme: 'light' as const, width: 1280 }]
mkdirSync(folder ?? PICTURES, { recursive: true })
for (const { scheme, width } of looks) {
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width, height: 800 } })
  for (const [name, address] of Object.entries(await pagesOf(staged.prisma, staged.incident.refusing))) {
    await page.goto(staged.url + address)
    const file = folder ? `${folder}/${name}-${scheme}-${width}.png` : `${PICTURES}/dashboard-${name}.png`
    await page.screenshot({ path: file, fullPage: folder !== undefined })
    // With few colours it is a third of the size. Where pngquant is missing, it stays as it is.
    if (!folder) spawnSync('pngquant', ['--force', '--ext', '.png', '--nofs', '96', file])
  }
  await page.close()
}
await browser.close()
await staged.stop()

async function pagesOf(prisma: PrismaClient, refusing: string): Promise<Record<string, string>> {
  const id = await idOfFailed(prisma)
  return {
    overview: '/',
    requests: '/requests?channel=billing',
    request: `/requests/${id}`,
    failures: '/failures',
    receivers: '/receivers',
    receiver: `/receivers/one?origin=${encodeURIComponent(refusing)}`,
    channels: '/channels',
    channel: '/channels/one?channel=mail',
    lines: '/lines',
    schedules: '/schedules',
    workers: '/workers',
    redrive: '/actions/redrive?channel=billing&state=failed',
  }
}

/** Of the first request whose attempts are spent. */
async function idOfFailed(prisma: PrismaClient): Promise<string> {
  for (;;) {
    const failed = await prisma.httpRequest.findFirst({ where: { state: 'failed', attemptCount: 2 } })
    if (failed) return failed.id
    await sleep(100)
  }
}

/** The hour before, in which all was well until a quarter of an hour ago. */
async function insertPast(prisma: PrismaClient, urls: { well: string; slow: string; refusing: string }): Promise<void> {
  const { well, slow, refusing } = urls
  await prisma.$executeRaw`
    INSERT INTO requeuest_activity (kind, minutes, at, name, attempts, accepted, delivered, failed, total_ms, latency)
    SELECT kind::requeuest_limit_kind, 1, to_timestamp((floor(extract(epoch FROM now()) / 60) - back) * 60), name, n, good, good,
      (n - good) / 4, n * 30, array_fill(0, ARRAY[class]) || ARRAY[n / 2, n / 3, n / 8, n / 40] || array_fill(0, ARRAY[32 - class])
    FROM generate_series(2, 59) AS back
    CROSS JOIN (VALUES ('channel', 'orders', 60, 9), ('origin', ${well}, 60, 9), ('channel', 'mail', 25, 15), ('origin', ${slow}, 25, 15),
      ('channel', 'billing', 15, 12), ('origin', ${refusing}, 15, 12)) AS one (kind, name, level, class)
    CROSS JOIN LATERAL (SELECT (level * (1 + 0.4 * sin(back / 9.0) + 0.2 * sin(back * 1.7)))::int AS n) AS counted
    CROSS JOIN LATERAL (SELECT CASE WHEN back < 15 AND level = 15 THEN n / 5 ELSE n - (back % 11 = 3)::int END AS good) AS judged
    ON CONFLICT DO NOTHING`
}
