import { sayStep, shorten } from './output.ts'
import type { Scenario } from './scenario.ts'

/** A GET to each URL of the command line. */
export function toUrls(urls: URL[]): Scenario {
  return {
    options: {
      // Whoever names an address on the command line wants it reached, be it public or not.
      network: { allow: urls.map(hostAndPort) },
      timeoutMs: 2500,
      maxAttempts: 3,
      backoff: { baseMs: 500, factor: 2, maxMs: 1000, jitter: 'none' },
      expiresAfterMs: 9000,
      redirect: { max: 5 },
    },
    concurrency: Math.min(urls.length, 10_000),
    success: 'Every request arrived.',
    async spawn({ prisma, requeuest, channel }, spawned) {
      await prisma.$transaction(async (tx) => {
        const ids = await requeuest.spawnMany(channel, urls, { tx })
        for (const [index, id] of ids.entries()) spawned(id, shorten(`GET ${urls[index]}`, 48))
      })
      sayStep('committed', `${urls.length === 1 ? 'one GET' : `${urls.length} GETs`}, spawned in one transaction\n`)
    },
    check: () => [],
    async [Symbol.asyncDispose]() {},
  }
}

function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
}
