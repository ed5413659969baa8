import { isIP } from 'node:net'
import { expect, test } from 'vitest'
import { bearer, oauth2ClientCredentials, type RequeuestOptions } from '../../../src/index.ts'
import { withNotices } from '../../../src/net/guard/notice.ts'
import { resolveNetworkRules } from '../../../src/net/guard/rules.ts'
import { runProgram } from '../../journey/programs.ts'
import { createRequeuest, receiverOf, useDatabase } from '../../support/fixture.ts'

const database = useDatabase()

/** The entry that a refusal says would permit it. */
function entryIn(reason: string | null): string {
  return /`network: \{ allow: \['([^']+)'\] \}` permits it/.exec(reason ?? '')?.[1] ?? 'none'
}

test.each([
  ['localhost', 3000, '127.0.0.1', 'localhost:3000'],
  ['localhost', 80, '::1', 'localhost:80'],
  ['LOCALHOST', 3000, '127.0.0.1', 'localhost:3000'],
  ['127.0.0.1', 3000, '127.0.0.1', '127.0.0.1:3000'],
  ['::1', 8080, '::1', '[::1]:8080'],
  ['::ffff:10.0.0.1', 80, '::ffff:10.0.0.1', '[::ffff:10.0.0.1]:80'],
  ['example.com', 8443, '93.184.215.14', 'example.com:8443'],
  ['xn--bcher-kva.example', 443, '10.0.0.1', 'xn--bcher-kva.example:443'],
  ['my_service.internal', 80, '10.0.0.1', 'my_service.internal:80'],
])('of %s:%i at %s it is said which entry permits it, and that does', (host, port, address, entry) => {
  const refused = resolveNetworkRules().refuseAddress(host, port, address)
  expect(entryIn(refused)).toBe(entry)
  expect(resolveNetworkRules({ allow: [entryIn(refused)] }).refuseAddress(host, port, address)).toBeNull()
  expect(resolveNetworkRules({ allow: [entryIn(refused)] }).refuseAddress(host, port + 1, address)).not.toBeNull()
  // Of an address nobody asks this: there is nothing to look up.
  const unresolved = isIP(host) === 0 ? resolveNetworkRules().refuseUnresolved(host, port) : null
  if (unresolved !== null) {
    expect(resolveNetworkRules({ allow: [entryIn(unresolved)] }).refuseUnresolved(host, port)).toBeNull()
  }
})

test('of each host and port it is told once, of ten in all, and not of what is denied', () => {
  const told: string[] = []
  const rules = withNotices(resolveNetworkRules({ deny: ['denied.test'] }), (message) => told.push(message))
  for (let times = 0; times < 3; times++) {
    rules.refuseHost('denied.test', 80)
    rules.refuseAddress('denied.test', 80, '10.0.0.1')
    rules.refuseAddress('example.com', 80, '93.184.215.14')
    for (let port = 1; port <= 20; port++) rules.refuseAddress('a.test', port, '10.0.0.1')
  }
  expect(told).toHaveLength(10)
  expect(told[0]).toContain("`network: { allow: ['a.test:1'] }` permits it")
  expect(told[9]).toContain('No more is said of others.')
})

const NOTHING_ALLOWED = { network: {} } satisfies RequeuestOptions

test.each(['localhost', '127.0.0.1'])(
  'the first attempt of somebody new, to a server on the own machine at %s fails with the option that lets it through, and so does a warning',
  async (host) => {
    const receiver = await receiverOf()
    const url = `http://${host}:${receiver.port}/`
    const requeuest = createRequeuest(database.prisma, NOTHING_ALLOWED)
    const warnings: string[] = []
    requeuest.on('warning', ({ message }) => warnings.push(message))
    await requeuest.start({ channels: ['a'] })
    const allow = [`${host}:${receiver.port}`]
    const hint = `\`network: { allow: ['${allow}'] }\` permits it`
    for (let times = 0; times < 2; times++) {
      const failed = requeuest.spawnReturning('a', url)
      await expect(failed).rejects.toMatchObject({ failureCode: 'address_blocked', lastError: 'address_blocked' })
      await expect(failed).rejects.toThrow(hint)
    }
    expect(warnings).toEqual([expect.stringContaining(hint)])
    expect(receiver.requests).toEqual([])

    await requeuest.stop()
    const allowing = createRequeuest(database.prisma, { network: { allow } })
    await allowing.start({ channels: ['a'] })
    expect((await allowing.spawnReturning('a', url)).status).toBe(200)
  },
)

test('the first attempt of somebody new, to a server on the own machine is warned of as well where it is a redirect or a token endpoint that leads there', async () => {
  const inner = await receiverOf()
  const outer = await receiverOf(() => ({ status: 302, headers: { location: `http://localhost:${inner.port}/` } }))
  const requeuest = createRequeuest(database.prisma, {
    network: { allow: [`127.0.0.1:${outer.port}`] },
    maxRedirects: 1,
    retry: { maxAttempts: 1 },
  })
  const warnings: string[] = []
  requeuest.on('warning', ({ message }) => warnings.push(message))
  const credentials = { origins: outer.url, clientId: 'a', clientSecret: 'b' }
  requeuest.renderer('t', oauth2ClientCredentials({ ...credentials, tokenUrl: `http://127.0.0.1:${inner.port}/` }))
  requeuest.renderer('b', bearer({ origins: outer.url, token: () => 't' }))
  await requeuest.start({ channels: ['a'] })
  await expect(requeuest.spawnReturning('a', outer.url)).rejects.toThrow(`allow: ['localhost:${inner.port}']`)
  await expect(requeuest.spawnReturning('a', { render: 't', args: { url: outer.url } })).rejects.toThrow(
    `allow: ['127.0.0.1:${inner.port}']`,
  )
  expect(warnings.map((message) => entryIn(message))).toEqual([`localhost:${inner.port}`, `127.0.0.1:${inner.port}`])
})

test('the first attempt of somebody new, to a server on the own machine tells it on standard error where nobody listens', async (context) => {
  const program = runProgram('test/security/processes/newcomer.ts', [], {
    DATABASE_URL: database.url,
    NODE_OPTIONS: undefined,
  })
  context.onTestFinished(() => program.kill('SIGKILL'))
  const { code, errors } = await program.ended
  expect(code).toBe(0)
  expect(errors).toContain(
    "RequeuestWarning: Requests to localhost:3000 are refused: loopback address that options.network.allow does not name (`network: { allow: ['localhost:3000'] }` permits it).",
  )
})
