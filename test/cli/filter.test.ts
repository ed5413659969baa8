import { Command } from 'commander'
import { expect, test } from 'vitest'
import { withFilter } from '../../src/cli/filter.ts'
import { resolveFilter } from '../../src/control/filter.ts'
import { type FilterOptions, toFilter } from '../../src/inspect/filter-options.ts'

const ID = '01890000-0000-7000-8000-000000000001'
const OTHER = '01890000-0000-7000-8000-000000000002'
const NOW_MS = Date.parse('2026-11-30T12:00:00Z')

function filterOf(args: string[], ids: string[] = []) {
  const command = withFilter(new Command(), ['pending', 'claimed', 'failed', 'cancelled', 'delivered'])
  command.exitOverride().configureOutput({ writeErr: () => {} })
  command.parse(args, { from: 'user' })
  return toFilter(command.opts<FilterOptions>(), ids, NOW_MS)
}

test.each<[args: string, filter: object]>([
  ['', {}],
  ['--channel a', { channel: 'a' }],
  ['--channel a --channel b', { channel: { in: ['a', 'b'] } }],
  [`--id ${ID}`, { id: ID }],
  ['--state failed --state cancelled', { state: { in: ['failed', 'cancelled'] } }],
  ['--order-key= --dedupe-key d', { orderKey: '', dedupeKey: 'd' }],
  ['--url https://a.example/x', { url: 'https://a.example/x' }],
  [
    '--url-starts-with https://a.example/ --url-contains x',
    { url: { startsWith: 'https://a.example/', contains: 'x' } },
  ],
  [
    '--origin https://a.example --outcome timeout',
    { origin: 'https://a.example', lastAttempt: { outcome: 'timeout' } },
  ],
  ['--failure-code expired', { failureCode: 'expired' }],
  ['--status 503', { lastAttempt: { status: { gte: 503, lte: 503 } } }],
  ['--status 5xx --error-code timeout', { lastAttempt: { status: { gte: 500, lt: 600 }, errorCode: 'timeout' } }],
  ['--status 400-410', { lastAttempt: { status: { gte: 400, lte: 410 } } }],
  ['--created-after 2h', { createdAt: { gte: new Date('2026-11-30T10:00:00Z') } }],
  [
    '--due-after +1h --due-before 2026-12-02',
    { runAt: { gte: new Date('2026-11-30T13:00:00Z'), lt: new Date('2026-12-02') } },
  ],
  ['--finished-before 1d', { finishedAt: { lt: new Date('2026-11-29T12:00:00Z') } }],
])('the conditions %j select what they say', (args, filter) => {
  const found = filterOf(args.split(' ').filter(Boolean))
  expect(found).toEqual(filter)
  if (args !== '') resolveFilter(found, ['pending', 'claimed', 'failed', 'cancelled', 'delivered'])
})

test('ids are alternatives, wherever they stand', () => {
  expect(filterOf(['--id', OTHER], [ID])).toEqual({ id: { in: [ID, OTHER] } })
})

test.each(['--state done', '--status 5', '--status 600x', '--created-after soon', '--url a --url-contains b'])(
  'the conditions %j are refused',
  (args) => {
    expect(() => filterOf(args.split(' '))).toThrow()
  },
)
