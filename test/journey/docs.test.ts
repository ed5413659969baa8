import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { resolveOptions } from '../../src/options/instance.ts'
import { resolveStartOptions } from '../../src/options/start.ts'
import { ATTEMPT_OUTCOMES } from '../../src/policy/attempt.ts'
import { FAILURE_CODES } from '../../src/policy/outcome.ts'
import { root } from './programs.ts'

const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const pages = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => `docs/${file}`)
/** Pages whose snippets are files of projects, see below. */
const OF_PROJECTS = ['docs/bundlers.md', 'docs/frameworks.md']
/** Those whose snippets are code of an application. */
const documents = ['README.md', 'CHANGELOG.md', ...pages].filter((file) => !OF_PROJECTS.includes(file))

/** What a snippet may use without saying where it comes from. */
const GIVEN: Record<string, string> = {
  http: "import { http } from 'requeuest'",
  Requeuest: "import { Requeuest } from 'requeuest'",
  WaitTimeoutError: "import { WaitTimeoutError } from 'requeuest'",
  prisma: "import type { PrismaClient } from './client/client.ts'\ndeclare const prisma: PrismaClient",
  requeuest:
    "import type { PrismaClient as Client } from './client/client.ts'\ndeclare const requeuest: import('requeuest').Requeuest<Client>",
}

/** A project with an `Order` that is related to `HttpRequest`, as the README says, and a file for each snippet. */
test('every snippet type-checks', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'requeuest-docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const write = (file: string, text: string) => writeFileSync(path.join(folder, file), text)
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  write('package.json', '{"type":"module"}')
  const [order = ''] = /model Order \{[^}]+\}/.exec(read('README.md')) ?? []
  const schema = read('prisma/schema.prisma')
    .replace('../generated/prisma', './client')
    .replace('attempts HttpAttempt[]', 'attempts HttpAttempt[]\n  order Order?')
  write('schema.prisma', `${schema}\n${order}`)
  const { compilerOptions } = JSON.parse(read('tsconfig.json'))
  const paths = {
    requeuest: [path.join(root, 'src/index.ts')],
    'requeuest/testing/*': [path.join(root, 'src/testing/*.mts')],
    'requeuest/*': [path.join(root, 'src/*/index.ts')],
  }
  write('tsconfig.json', JSON.stringify({ compilerOptions: { ...compilerOptions, paths }, include: ['*.ts'] }))

  const snippets = documents.flatMap((file) => snippetsOf(file))
  expect(snippets.length).toBeGreaterThan(15)
  for (const [index, snippet] of snippets.entries()) write(`snippet-${index}.ts`, withPrelude(snippet))
  // In the repository, whose configuration says where Prisma's schema engine is.
  await run('prisma', 'generate', '--schema', path.join(folder, 'schema.prisma'))
  await run('tsc', '-p', folder)
})

async function run(tool: string, ...args: string[]): Promise<void> {
  try {
    await promisify(execFile)(path.join(root, 'node_modules/.bin', tool), args, { cwd: root })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${stdout}\n${stderr}`)
  }
}

function snippetsOf(file: string): string[] {
  return [...read(file).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => `// ${file}\n${code}`)
}

function withPrelude(snippet: string): string {
  const needed = Object.entries(GIVEN).filter(([name]) => {
    const isDeclared = new RegExp(`(const|import \\{[^}]*) ${name}\\b`).test(snippet)
    return new RegExp(`\\b${name}\\b`).test(snippet.replace(/'[^'\n]*'|\/\/.*/g, '')) && !isDeclared
  })
  return `${needed.map(([, declaration]) => declaration).join('\n')}\nexport {}\n${snippet}`
}

test('every snippet for a framework or test runner is a file of a project that is built and run', () => {
  const projects = path.join(root, 'test/consumers')
  const files = readdirSync(projects, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.txt'))
  const contents = files.map((file) => readFileSync(path.join(projects, file), 'utf8'))
  const text = OF_PROJECTS.map(read).join('\n')
  const snippets = [...text.matchAll(/^```(?:ts|js)\n(.*?)^```$/gms)].map(([, code]) => code)
  expect(snippets.length).toBeGreaterThan(5)
  expect(contents).toEqual(expect.arrayContaining(snippets))
})

/** Files of the repository, as the README has them that is read on npm. */
const BLOB = `${packageJson.homepage.replace('#readme', '')}/blob/main/`

test('every link leads somewhere, also from the published package', async () => {
  const options = { cwd: root }
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], options)
  const published: string[] = JSON.parse(stdout)[0].files.map((file: { path: string }) => file.path)
  const texts = published.filter((file) => file.endsWith('.md'))
  expect(texts).toEqual(expect.arrayContaining(documents))
  for (const page of texts) {
    for (const target of linksOf(read(page))) {
      const [to = '', anchor] = target.split('#')
      if (to.startsWith(BLOB)) expect(existsSync(path.join(root, to.slice(BLOB.length))), target).toBe(true)
      if (to.startsWith('http')) continue
      const found = to === '' ? page : path.join(path.dirname(page), to)
      expect(
        published.some((file) => file === found || file.startsWith(`${found}/`)),
        `${page}: ${target}`,
      ).toBe(true)
      if (anchor) expect(anchorsOf(read(found)), `${page}: ${target}`).toContain(anchor)
    }
  }
})

const GUIDES = ['CONTRIBUTING.md', 'SECURITY.md', 'test/README.md', 'test/consumers/README.md', 'bench/README.md']

test.each(GUIDES)('what contributors read leads somewhere, and its scripts and folders are there: %s', (page) => {
  const text = read(page)
  const paths = linksOf(text).filter((target) => !target.startsWith('http'))
  expect(paths.filter((target) => !existsSync(path.join(root, path.dirname(page), target)))).toEqual([])
  const scripts = Array.from(text.matchAll(/npm run ([\w:]+)/g), ([, script = '']) => script)
  expect(scripts.filter((script) => !(script in packageJson.scripts))).toEqual([])
  const files = (text.match(/(?<![\w/])test\/[\w./-]*\w/g) ?? []).filter((file) => !file.includes('node_modules'))
  expect(files.filter((file) => !existsSync(path.join(root, file)))).toEqual([])
})

/** Where `[…](…)` and `[…]: …` lead. */
function linksOf(page: string): string[] {
  return [...page.matchAll(/\]\(([^)]+)\)|^\[[^\]]+\]: (\S+)$/gm)].map(([, inline, defined]) => inline ?? defined ?? '')
}

function anchorsOf(text: string): string[] {
  const titles = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title)
  return titles.map((title) =>
    title
      .toLowerCase()
      .replaceAll(' ', '-')
      .replace(/[^\w-]/g, ''),
  )
}

test('the README has the commands, and can be read in a few minutes', () => {
  const readme = read('README.md')
  expect(readme).toContain('npm ci && npm run demo')
  expect(readme).toContain('npm ci && npm test')
  expect(readme.split('\n').length).toBeLessThanOrEqual(250)
})

test('the index of docs/ leads to every page', () => {
  const index = linksOf(read('docs/README.md'))
  for (const page of pages.filter((file) => /^docs\/[\w-]+\.md$/.test(file) && file !== 'docs/README.md')) {
    expect(index).toContain(path.basename(page))
  }
})

test('the queries of the production checklist are those of an example that runs', () => {
  const [queries = ''] = /^const minutesAgo.*?(?=^```$)/ms.exec(read('docs/production.md')) ?? []
  expect(queries.split('\n').length).toBeGreaterThan(15)
  expect(read('examples/monitoring.ts')).toContain(queries)
})

/** Everything that is written in src. In which file it is does not matter here. */
const source = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.m?ts$/.test(file) && !path.basename(file).startsWith('embedded'))
  .map((file) => read(`src/${file}`))
  .join('\n')

/** Options that have options of their own, which are rows instead. */
const NESTED: Record<string, string> = {
  retry: 'RetryOptions',
  'retry.backoff': 'BackoffOptions',
  network: 'NetworkOptions',
  tls: 'TlsOptions',
  encryption: 'EncryptionOptions',
  breaker: 'BreakerOptions',
  retention: 'RetentionOptions',
  dedupe: 'DedupeOptions',
  'channels.….signing': 'SigningOptions',
  'setLimits: rate': 'RateOptions',
}
/** The same where the type has no name. */
const INLINE: Record<string, string[]> = {
  order: ['order.key', 'order.channel', 'order.afterFailure'],
  'find: attempts': ['find: attempts.last', 'find: attempts.before'],
}
const IN_ANOTHER_TABLE = /^(retry|network|tls|proxy|keepAlive|channels|breaker|retention)\b/

test('docs/options.md has every option, with the default that its doc comment gives', () => {
  const instance = [...optionsOf('PolicyOptions'), ...optionsOf('TransportOptions'), ...optionsOf('RequeuestOptions')]
  const named = (start: string) => instance.filter(([name]) => name.startsWith(start))
  const channel = [...optionsOf('TransportOptions', 'channels.….', {}), ...optionsOf('ChannelOptions', 'channels.….')]
  const tables: Record<string, Option[]> = {
    Instance: instance.filter(([name]) => !IN_ANOTHER_TABLE.test(name)),
    Retry: named('retry.'),
    Network: [...named('network.'), ...named('tls.'), ...named('proxy'), ...named('keepAlive')],
    Channels: [['channels', '{}'], ...channel.map(([name]): Option => [name])],
    Breaker: named('breaker.'),
    Retention: named('retention.'),
    Spawn: [...optionsOf('SpawnOptions'), ...optionsOf('SpawnReturningOptions')],
    Schedule: optionsOf('ScheduleDefinition'),
    Start: optionsOf('StartOptions'),
    Drain: optionsOf('DrainOptions'),
    Stop: optionsOf('StopOptions'),
    Control: [
      ...optionsOf('ControlOptions'),
      ...optionsOf('BatchOptions', 'cancel, redrive: '),
      ...optionsOf('RedriveOptions', 'redrive: '),
      ...optionsOf('RetargetInput', 'retarget: '),
      ...optionsOf('LimitOptions', 'setLimits: '),
    ],
    Reading: [...optionsOf('WaitOptions', 'waitFor: '), ...optionsOf('FindOptions', 'find: ')],
    Handlers: optionsOf('SettledHandlerOptions'),
    Migrate: optionsOf('MigrateOptions'),
  }
  for (const [title, options] of Object.entries(tables)) {
    const rows = rowsUnder('docs/options.md', title)
    expect(rows.map(([name]) => name).sort(), title).toEqual(options.map(([name]) => name).sort())
    for (const [name, , , value] of rows) {
      const [, byDefault = value] = options.find(([known]) => known === name) ?? []
      expect(value, `${title}: ${name}`).toBe(byDefault)
    }
  }
})

test('docs/options.md has the defaults that an instance and a worker go by', () => {
  const { policy, maxBodyBytes, maxResponseBytes, notify, breaker, retention } = resolveOptions()
  const { accept, retry, onStatus, expiresAfterMs, maxRedirects, timeoutMs } = policy
  const { maxAttempts, baseMs, factor, maxMs, jitter, delaysMs } = retry
  expect([expiresAfterMs, delaysMs, onStatus]).toEqual([null, undefined, {}])
  expect(retention).toEqual({ delivered: null, failed: null, cancelled: null, bodies: null })
  const worker = resolveStartOptions({ channels: 'all' }, true)
  expect(worker.concurrencyPerOrigin).toBe(worker.concurrency / 2)
  const defaults = {
    accept: `['${accept.join("', '")}']`,
    timeout: time(timeoutMs),
    expiresAfter: 'none',
    maxRedirects: show(maxRedirects),
    maxBodyBytes: show(maxBodyBytes),
    maxResponseBytes: show(maxResponseBytes),
    notify: show(notify),
    'retry.maxAttempts': maxAttempts === 2_147_483_647 ? 'Infinity' : show(maxAttempts),
    'retry.backoff.base': time(baseMs),
    'retry.backoff.factor': show(factor),
    'retry.backoff.max': time(maxMs),
    'retry.backoff.jitter': show(jitter),
    'retry.backoff.delays': '[]',
    'retry.onStatus': '{}',
    'breaker.failureRate': show(breaker?.failureRate),
    'breaker.minRequests': show(breaker?.minRequests),
    'breaker.window': time(breaker?.windowMs),
    'breaker.openFor': time(breaker?.openMs),
    'breaker.maxOpenFor': time(breaker?.maxOpenMs),
    'retention.delivered': 'forever',
    'retention.failed': 'forever',
    'retention.cancelled': 'as `failed`',
    'retention.bodies': 'forever',
    concurrency: show(worker.concurrency),
    listen: show(worker.listen),
  }
  const titles = ['Instance', 'Retry', 'Breaker', 'Retention', 'Start']
  const rows = titles.flatMap((title) => rowsUnder('docs/options.md', title))
  expect(Object.fromEntries(rows.map(([name, , , value]) => [name, value]))).toMatchObject(defaults)
})

test('docs/events.md has every event and what comes with it', () => {
  const payloads = Object.fromEntries(
    rowsOf(read('docs/events.md')).map(([name = '', , payload = '']) => [name, payload.match(/\w+/g)]),
  )
  const types = bodyOf('RequeuestEvents').matchAll(/^ {2}(\w+): (\w+Event)?/gm)
  const known = Array.from(types, ([, name = '', type]) => [name, type && membersOf(type).map(([key]) => key)] as const)
  expect(known.length).toBeGreaterThan(8)
  expect(Object.keys(payloads).sort()).toEqual(known.map(([name]) => name).sort())
  for (const [name, keys] of known) if (keys) expect(payloads[name], name).toEqual(keys)
})

test('docs/errors.md has every error code with its class', () => {
  const classes = source.matchAll(/^export class (\w+) extends RequeuestError \{[^}]*?declare readonly code: '(\w+)'/gm)
  const classOf = new Map(Array.from(classes, ([, name, code]) => [code, name]))
  expect(classOf.size).toBe(6)
  const rows = rowsUnder('docs/errors.md', 'Errors').map(([code, name]) => [code, name])
  const known = literalsOf('RequeuestErrorCode').map((code) => [code, classOf.get(code) ?? 'RequeuestError'])
  expect(rows.sort()).toEqual(known.sort())
})

test('docs/errors.md has every failure code, every outcome and every error code of an attempt', () => {
  const names = (title: string) => rowsUnder('docs/errors.md', title).map(([name]) => name)
  expect(names('Failure codes')).toEqual(FAILURE_CODES)
  expect(names('Outcomes of attempts').sort()).toEqual(ATTEMPT_OUTCOMES.toSorted())
  const notByTheNetwork = ['cancelled', 'expired', 'lease_expired', 'worker_stopped']
  for (const code of notByTheNetwork) expect(source).toContain(`'${code}'`)
  expect(names('Error codes of attempts')).toEqual([...literalsOf('FailureKind'), ...notByTheNetwork].sort())
})

type Option = [name: string, byDefault?: string | undefined]

/** The options of an interface by the names of their rows, each with the literal that its doc comment gives as the default. */
function optionsOf(type: string, prefix = '', nested = NESTED): Option[] {
  return membersOf(type).flatMap(([key, byDefault]) => {
    const name = `${prefix}${key}`
    const inner = nested[name]
    if (inner !== undefined) return optionsOf(inner, `${name}.`)
    return INLINE[name]?.map((one): Option => [one]) ?? [[name, byDefault] satisfies Option]
  })
}

function membersOf(type: string): Option[] {
  const members = bodyOf(type).matchAll(/(?:^ {2}\/\*\*((?:(?!\*\/).)*)\*\/\n)?^ {2}(\w+)\??:/gms)
  return Array.from(members, ([, comment = '', key = '']) => {
    const literal = /@default ('[^']*'|\[.*?\]|\{\}|true|false|Infinity|\d[\d_.]*)/.exec(comment)?.[1]
    return literal === undefined ? [key] : [key, literal.replaceAll('_', '')]
  })
}

function bodyOf(type: string): string {
  const [, body] = new RegExp(`^export interface ${type}\\b[^{]*\\{\\n(.*?)^\\}`, 'ms').exec(source) ?? []
  if (body === undefined) throw new Error(`src has no interface ${type}`)
  return body
}

/** The texts of a union. */
function literalsOf(type: string): string[] {
  const [, union = ''] = new RegExp(`^export type ${type} =(.*?)\\n\\n`, 'ms').exec(source) ?? []
  const literals = Array.from(union.matchAll(/'(\w+)'/g), ([, literal = '']) => literal)
  if (literals.length === 0) throw new Error(`src has no union ${type}`)
  return literals
}

/** The rows of a page's tables under a title, without their heads. */
function rowsUnder(page: string, title: string): string[][] {
  const section = read(page)
    .split(/^## /m)
    .find((text) => text.startsWith(`${title}\n`))
  return rowsOf(section ?? '')
}

function rowsOf(text: string): string[][] {
  return Array.from(text.matchAll(/^\| `.*$/gm), ([row]) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')),
  )
}

/** Milliseconds as the duration that one would write. */
function time(ms = 0): string {
  const units = { h: 3_600_000, m: 60_000, s: 1000 }
  const [unit, length] = Object.entries(units).find(([, length]) => ms % length === 0) ?? ['ms', 1]
  return show(`${ms / length}${unit}`)
}

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}

const DECISIONS = 'docs/decisions'

test('docs/architecture.md has a line for every folder of src that holds files', () => {
  const listed = [...read('docs/architecture.md').matchAll(/^\| `([\w/]+)\/` \|/gm)].map(([, folder]) => folder)
  const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const folders = files.filter((file) => file.endsWith('.ts')).map((file) => path.dirname(file))
  expect(listed).toEqual(expect.arrayContaining([...new Set(folders)].filter((folder) => folder !== '.')))
})

test('docs/architecture.md and the decisions name only files of src that are there', () => {
  const pages = [
    'docs/architecture.md',
    ...readdirSync(path.join(root, DECISIONS)).map((file) => `${DECISIONS}/${file}`),
  ]
  const named = pages.flatMap((page) => [...read(page).matchAll(/\bsrc\/[\w/-]+\.m?ts\b/g)].map(([file]) => file))
  expect(named.length).toBeGreaterThan(20)
  expect([...new Set(named)].filter((file) => !existsSync(path.join(root, file)))).toEqual([])
})

test('docs/decisions/README.md lists every decision by its title', () => {
  const listed = [...read(`${DECISIONS}/README.md`).matchAll(/^\| (\d{4}) \| \[(.+)\]\((.+)\) \|$/gm)].map(
    ([, number, title, file]) => [file, `# ${number}. ${title}`],
  )
  const files = readdirSync(path.join(root, DECISIONS)).sort()
  const decisions = files.filter((file) => file !== 'README.md')
  expect(listed).toEqual(decisions.map((file) => [file, read(`${DECISIONS}/${file}`).split('\n')[0]]))
})
