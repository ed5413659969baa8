import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { resolveOptions } from '../../src/options.ts'
import { root } from './programs.ts'

const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const documents = [
  'README.md',
  'docs/control.md',
  'docs/dedupe.md',
  'docs/breaker.md',
  'docs/limits.md',
  'docs/priority.md',
  'docs/prisma-extension.md',
  'docs/destination-auth.md',
  'docs/handlers.md',
  'docs/late-rendering.md',
  'docs/retention.md',
  'docs/schedules.md',
  'docs/schemas-and-sessions.md',
  'docs/spawn-many.md',
  'docs/signing.md',
  'docs/status-policy.md',
  'docs/guarantees.md',
  'docs/guide.md',
  'docs/supported-versions.md',
  'docs/architecture.md',
  'CHANGELOG.md',
]

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
  const paths = { requeuest: [path.join(root, 'src/index.ts')] }
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
  const snippets = [...read('docs/bundlers.md').matchAll(/^```(?:ts|js)\n(.*?)^```$/gms)].map(([, code]) => code)
  expect(snippets.length).toBeGreaterThan(5)
  expect(contents).toEqual(expect.arrayContaining(snippets))
})

/** Files of the repository, as the README has them that is read on npm. */
const BLOB = `${packageJson.homepage.replace('#readme', '')}/blob/main/`

test('every link leads somewhere, also from the published package', async () => {
  const options = { cwd: root }
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], options)
  const published: string[] = JSON.parse(stdout)[0].files.map((file: { path: string }) => file.path)
  const pages = published.filter((file) => file.endsWith('.md'))
  expect(pages).toEqual(expect.arrayContaining(documents))
  for (const page of pages) {
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

test('the README has the commands, and every option with its default', () => {
  const readme = read('README.md')
  expect(readme).toContain('npm ci && npm run demo')
  expect(readme).toContain('npm ci && npm test')
  const { policy, maxBodyBytes, maxResponseBytes, notify, breaker } = resolveOptions()
  const { accept, retry, expiresAfterMs: _none, maxRedirects, timeoutMs } = policy
  const { maxAttempts, baseMs, factor, maxMs, jitter } = retry
  const defaults = {
    accept: `['${accept.join("', '")}']`,
    'retry.maxAttempts': maxAttempts === 2_147_483_647 ? 'Infinity' : show(maxAttempts),
    'retry.backoff.base': time(baseMs),
    'retry.backoff.factor': show(factor),
    'retry.backoff.max': time(maxMs),
    'retry.backoff.jitter': show(jitter),
    'retry.backoff.delays': '[]',
    'retry.onStatus': '{}',
    preset: 'none',
    timeout: time(timeoutMs),
    expiresAfter: 'none',
    maxRedirects: show(maxRedirects),
    maxBodyBytes: show(maxBodyBytes),
    maxResponseBytes: show(maxResponseBytes),
    'network.allow': '[]',
    'network.deny': '[]',
    tls: 'none',
    proxy: 'none',
    keepAlive: 'true',
    channels: '{}',
    encryption: 'none',
    redactHeaders: '[]',
    notify: show(notify),
    schema: 'found out',
    'breaker.failureRate': show(breaker?.failureRate),
    'breaker.minRequests': show(breaker?.minRequests),
    'breaker.window': time(breaker?.windowMs),
    'breaker.openFor': time(breaker?.openMs),
    'breaker.maxOpenFor': time(breaker?.maxOpenMs),
    'retention.delivered': 'for ever',
    'retention.failed': 'for ever',
    'retention.cancelled': 'as failed',
    'retention.bodies': 'for ever',
  }
  expect(rowsUnder('Options').map(([name, , value]) => [name, value])).toEqual(Object.entries(defaults))
})

test('the README has every event and every error code', () => {
  const events = /interface RequeuestEvents \{(.*?)\n\}/s.exec(read('src/runtime/events.ts'))?.[1] ?? ''
  const codes = /type RequeuestErrorCode =(.*?)\n\n/s.exec(read('src/errors.ts'))?.[1] ?? ''
  const known = [...events.matchAll(/^ {2}(\w+):/gm), ...codes.matchAll(/'(\w+)'/g)].map(([, name]) => name)
  expect(known.length).toBeGreaterThan(15)
  expect(
    rowsUnder('Events and errors')
      .map(([name]) => name)
      .sort(),
  ).toEqual(known.sort())
})

/** The rows of the README's tables under a title, without their heads. */
function rowsUnder(title: string): string[][] {
  const section =
    read('README.md')
      .split(/^## /m)
      .find((text) => text.startsWith(title)) ?? ''
  const rows = [...section.matchAll(/^\| `.*$/gm)].map(([row]) => row)
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`|`$/g, '')),
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

test('docs/architecture.md has a line for every file and folder of src', () => {
  const [, tree = ''] = /```text\n(src\/.*?)```/s.exec(read('docs/architecture.md')) ?? []
  const listed = pathsOf(tree)
  const there = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  expect(listed.sort()).toEqual(there.sort())
})

/** The paths of a tree that is drawn by indentation; folders end with a slash. */
function pathsOf(tree: string): string[] {
  const folders: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', name = ''] = /^( *)(\S+)/.exec(line) ?? []
    if (indent === '' || name === '') return []
    const depth = indent.length / 2
    folders.length = depth - 1
    folders.push(name.replace(/\/$/, ''))
    return folders.join('/')
  })
}
