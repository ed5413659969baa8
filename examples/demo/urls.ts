import { sayStep, shorten } from './output.ts'
import type { Scenario } from './scenario.ts'

/** A GET to each URL of the command line. */
export function toUrls(urls: URL[]): Scenario {
  return {
    options: {
      // An address on the command line is meant to be reached, public or not.
      network: { allow: urls.map(hostAndPort) },
      timeout: '2.5s',
      retry: { maxAttempts: 3, backoff: { base: '500ms', factor: 2, max: '1s', jitter: 'none' } },
      expiresAfter: '9s',
      maxRedirects: 5,
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
