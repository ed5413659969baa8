import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CurlFacts, curlOf } from '../../../../src/dashboard/pages/request/curl.ts'

/** What `curl` would be called with by a real shell. */
function argumentsOf(command: string, env: Readonly<Record<string, string>> = {}): string[] {
  const script = `curl() { for one in "$@"; do printf '%s\\0' "$one"; done; }\n${command}\n`
  const printed = execFileSync('sh', ['-c', script], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  return printed.split('\0').slice(0, -1)
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom("'", '"', '$', '`', '\\', '\n', '!', ' ', ';', '&', '(', '*', '@', '-', '#', '%'),
  }),
)
const withoutNul = text.filter((one) => !one.includes('\0') && one.isWellFormed())
const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/)

const facts: fc.Arbitrary<CurlFacts> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PATCH', "X'Y"),
  url: withoutNul.map((rest) => `https://a.example/${rest}`),
  headers: fc.array(fc.tuple(name, withoutNul), { maxLength: 4 }),
  body: fc.option(withoutNul, { nil: null }),
  hasOtherBody: fc.boolean(),
})

test('a shell makes of the command what it was made of, whatever is in it', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const called = argumentsOf(curlOf(given))
      const { method, url, headers, body, hasOtherBody } = given
      expect(called).toEqual([
        '--globoff',
        '--request',
        method,
        '--url',
        url,
        ...headers.flatMap(([key, value]) => ['--header', value === '' ? `${key};` : `${key}: ${value}`]),
        ...(body !== null ? ['--data-raw', body] : hasOtherBody ? ['--data-binary', '@body'] : []),
      ])
    }),
    { numRuns: 150 },
  )
})

const base: CurlFacts = { method: 'GET', url: 'https://a.example/', headers: [], body: null, hasOtherBody: false }

test('a hidden value is a variable of the shell', () => {
  const command = curlOf({
    ...base,
    headers: [
      ['X-Api-Key', '(hidden)'],
      ['1st', '(hidden)'],
    ],
  })
  expect(command).toContain('"$X_API_KEY"')
  const called = argumentsOf(command, { X_API_KEY: "a 'secret' $HOME", _1ST: 'b' })
  expect(called).toContain("X-Api-Key: a 'secret' $HOME")
  expect(called).toContain('1st: b')
})

test('HEAD is asked for as curl wants it, and names that curl would take for files are left out', () => {
  const headers = [
    ['@/etc/passwd', 'x'],
    ['a b', 'x'],
    ['ok', 'y'],
  ] as [string, string][]
  expect(argumentsOf(curlOf({ ...base, method: 'HEAD', headers }))).toEqual([
    '--globoff',
    '--head',
    '--url',
    'https://a.example/',
    '--header',
    'ok: y',
  ])
})
