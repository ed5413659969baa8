import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resolveDashboardOptions } from '../../src/dashboard/options.ts'
import { InvalidInputError } from '../../src/index.ts'

const access = () => 'full' as const
const resolve = (options: object) => resolveDashboardOptions({ access, ...options } as never)

test('options of a dashboard have the documented defaults', () => {
  expect(resolve({})).toEqual({
    access,
    basePath: '',
    user: expect.any(Function),
    onAction: expect.any(Function),
    origins: null,
    bodies: 'hidden',
    refreshMs: 2000,
  })
  expect(resolve({}).user({} as Request, null)).toBeNull()
})

test.each([
  ['', ''],
  ['/', ''],
  ['/admin', '/admin'],
  ['/admin/', '/admin'],
  ['/Admin/my.queue_1/~x-y', '/Admin/my.queue_1/~x-y'],
  ['/.well-known/x..y', '/.well-known/x..y'],
])('the base path %j is %j', (given, basePath) => {
  expect(resolve({ basePath: given }).basePath).toBe(basePath)
})

test.each([
  ['//'],
  ['admin'],
  ['//evil.example'],
  ['/admin//x'],
  ['/admin?x'],
  ['/admin#x'],
  ['/a b'],
  ['/a%2Fb'],
  ['/<script>'],
  ['/"'],
  ['/..'],
  ['/a/../b'],
  ['/./a'],
  ['/:id'],
  ['/*'],
  ['/a\n'],
  ['https://a.example'],
  [null],
  [1],
])('the base path %j is refused', (basePath) => {
  expect(() => resolve({ basePath })).toThrow(/^options\.basePath must be a path such as/)
})

test('a base path is one that browsers leave as it is', () => {
  fc.assert(
    fc.property(fc.webPath(), (path) => {
      let basePath: string
      try {
        basePath = resolve({ basePath: path }).basePath
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidInputError)
        return
      }
      expect(new URL(basePath, 'https://a.example').pathname).toBe(basePath || '/')
    }),
  )
})

test('origins are told by their scheme, host and port', () => {
  expect(resolve({ origins: ['https://Admin.example.com:443', 'http://127.0.0.1:4848/'] }).origins).toEqual([
    'https://admin.example.com',
    'http://127.0.0.1:4848',
  ])
})

test.each([
  ['admin.example.com'],
  ['ftp://a.example'],
  ['https://a.example/admin'],
  ['https://a.example/?x'],
  ['https://a.example/#x'],
  ['https://user@a.example'],
  ['null'],
  [new URL('https://a.example')],
  [undefined],
])('the origin %j is refused', (origin) => {
  expect(() => resolve({ origins: [origin] })).toThrow(/^options\.origins\[0\] must be an origin/)
})

test.each([
  [{ access: undefined }, 'options.access must be a function'],
  [{ access: 'full' }, 'options.access must be a function'],
  [{ user: 'me' }, 'options.user must be a function'],
  [{ onAction: true }, 'options.onAction must be a function'],
  [{ origins: 'https://a.example' }, 'options.origins must be a list'],
  [{ bodies: true }, "options.bodies must be one of 'hidden', 'show', 'reveal'"],
  [{ refresh: 999 }, 'options.refresh must be'],
  [{ refresh: '2h' }, 'options.refresh must be'],
  [{ acess: access }, 'options.acess must be omitted: options has no such key; did you mean `access`?'],
  [{ refreshMs: 1 }, 'did you mean `refresh`?'],
  [{ basepath: '/a' }, 'did you mean `basePath`?'],
])('%j is refused with what is to be done', (options, message) => {
  expect(() => resolve(options)).toThrow(InvalidInputError)
  expect(() => resolve(options)).toThrow(message)
})

test.each([[undefined], [null], [access], [[]], ['x']])('%j are no options', (options) => {
  expect(() => resolveDashboardOptions(options as never)).toThrow(InvalidInputError)
})
