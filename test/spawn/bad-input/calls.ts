import { Requeuest } from '../../../src/index.ts'
import { BAD_IDS, CHANGES, KEYS } from './changes.ts'
import { type Row, SECRET, URL_TEXT } from './row.ts'

/** What is not of the type that the compiler asks for. */
const wrong = (value: unknown) => value as never

const CHANNEL = 'a text of 1 to 200 characters without NUL'
const BAD_CHANNELS: [what: string, channel: unknown][] = [
  ['an empty channel', ''],
  ['a channel of 201 characters', 'x'.repeat(201)],
  ['a channel with NUL', 'a\0b'],
  ['a channel with half a surrogate pair', 'a\ud83d'],
  ['a number as channel', 5],
  ['null as channel', null],
  ['undefined as channel', undefined],
  ['an object as channel', { toString: () => 'billing' }],
]

const CHANNELS: Row[] = BAD_CHANNELS.flatMap(([what, channel]): Row[] => [
  [`${what}, in spawn`, ({ requeuest }) => requeuest.spawn(wrong(channel), URL_TEXT), 'channel', CHANNEL],
  [`${what}, in spawnMany`, ({ requeuest }) => requeuest.spawnMany(wrong(channel), []), 'channel', CHANNEL],
  [
    `${what}, in spawnReturning`,
    ({ requeuest }) => requeuest.spawnReturning(wrong(channel), URL_TEXT),
    'channel',
    CHANNEL,
  ],
  [`${what}, in release`, ({ requeuest }) => requeuest.release({ channel: wrong(channel) }), 'target.channel', CHANNEL],
  [
    `${what}, in clear`,
    ({ requeuest }) => requeuest.clear({ channel: { in: [wrong(channel)] } }),
    'target.channel.in[0]',
    CHANNEL,
  ],
  [
    `${what}, in start`,
    ({ requeuest }) => requeuest.start({ channels: ['billing', wrong(channel)] }),
    'options.channels[1]',
    CHANNEL,
  ],
])

const IDS: Row[] = BAD_IDS.flatMap((id): Row[] => [
  [`find(${JSON.stringify(id)})`, ({ requeuest }) => requeuest.find(wrong(id)), 'id', 'a UUID, as spawn() returned it'],
  [`waitFor(${JSON.stringify(id)})`, ({ requeuest }) => requeuest.waitFor(wrong(id)), 'id', 'a UUID'],
  ...(id === undefined
    ? []
    : ([
        [
          `the id ${JSON.stringify(id)}`,
          ({ requeuest }) => requeuest.spawn('billing', URL_TEXT, { id: wrong(id) }),
          'options.id',
          'a UUID',
        ],
      ] satisfies Row[])),
])

/** Types would refuse it. */
const WITHOUT_TX: { tx?: never } = wrong({ tx: undefined })

const TRANSACTIONS: Row[] = [
  ...[null, 5, 'tx', {}, [], { $executeRaw: true }].map(
    (tx): Row => [
      `the tx ${JSON.stringify(tx)}`,
      ({ requeuest }) => requeuest.spawn('billing', URL_TEXT, { tx: wrong(tx) }),
      'options.tx',
      'the client of a running Prisma transaction',
    ],
  ),
  ...(
    [
      ['spawn', ({ requeuest }) => requeuest.spawn('billing', URL_TEXT, WITHOUT_TX)],
      ['spawnMany', ({ requeuest }) => requeuest.spawnMany('billing', [URL_TEXT], WITHOUT_TX)],
      [
        'schedule',
        ({ requeuest }) => requeuest.schedule('s', { cron: '@daily', channel: 'a', request: URL_TEXT }, WITHOUT_TX),
      ],
      ['unschedule', ({ requeuest }) => requeuest.unschedule('s', WITHOUT_TX)],
      ['pauseSchedule', ({ requeuest }) => requeuest.pauseSchedule('s', WITHOUT_TX)],
      ['resumeSchedule', ({ requeuest }) => requeuest.resumeSchedule('s', WITHOUT_TX)],
      ['runSchedule', ({ requeuest }) => requeuest.runSchedule('s', WITHOUT_TX)],
      ['cancel', ({ requeuest }) => requeuest.cancel(crypto.randomUUID(), WITHOUT_TX)],
      ['cancel of several', ({ requeuest }) => requeuest.cancel({ channel: 'billing' }, WITHOUT_TX)],
      ['reschedule', ({ requeuest }) => requeuest.reschedule(crypto.randomUUID(), new Date(), WITHOUT_TX)],
      ['retarget', ({ requeuest }) => requeuest.retarget(crypto.randomUUID(), { url: URL_TEXT }, WITHOUT_TX)],
      ['clear', ({ requeuest }) => requeuest.clear({ channel: 'billing' }, WITHOUT_TX)],
      ['release', ({ requeuest }) => requeuest.release({ channel: 'billing' }, WITHOUT_TX)],
      ['redrive', ({ requeuest }) => requeuest.redrive({ channel: 'billing' }, WITHOUT_TX)],
      ['pause', ({ requeuest }) => requeuest.pause({ channel: 'billing' }, WITHOUT_TX)],
      ['resume', ({ requeuest }) => requeuest.resume({ channel: 'billing' }, WITHOUT_TX)],
      ['setLimits', ({ requeuest }) => requeuest.setLimits({ channel: 'billing' }, { concurrency: 1 }, WITHOUT_TX)],
    ] satisfies [string, Row[1]][]
  ).map(
    ([name, call]): Row => [
      `a tx that went missing, in ${name}`,
      call,
      'options.tx',
      'the client of a running Prisma transaction, or omitted for none, got nothing',
    ],
  ),
  [
    'the whole client as tx, which would be no transaction',
    ({ requeuest, prisma }) => requeuest.spawn('billing', URL_TEXT, { tx: prisma }),
    'options.tx',
    'the client of a running Prisma transaction',
  ],
  [
    'the whole client, extended, as tx of many',
    ({ requeuest, prisma }) => requeuest.spawnMany('billing', [URL_TEXT], { tx: wrong(prisma.$extends({})) }),
    'options.tx',
    'not the whole client',
  ],
  [
    'a tx in spawnReturning',
    ({ requeuest, prisma }) => requeuest.spawnReturning('billing', URL_TEXT, wrong({ tx: prisma })),
    'options.tx',
    'omitted: spawn(…, { tx }) and, after the commit, waitFor(id)',
  ],
]

const MANY: Row[] = [
  ...[undefined, null, 5, URL_TEXT, { url: URL_TEXT, body: SECRET }, new Set([URL_TEXT])].map(
    (requests): Row => [
      `requests that are ${JSON.stringify(requests)}`,
      ({ requeuest }) => requeuest.spawnMany('billing', wrong(requests)),
      'requests',
      'a list of requests',
    ],
  ),
  ['a hole in requests', ({ requeuest }) => requeuest.spawnMany('billing', new Array(2)), 'requests[0]', 'got nothing'],
  [
    'an id for many',
    ({ requeuest }) => requeuest.spawnMany('billing', [URL_TEXT], wrong({ id: crypto.randomUUID() })),
    'options.id',
    'omitted: each request has one of its own',
  ],
]

const WAITS: Row[] = [-1, 1.5, Number.NaN, 2 ** 31, '5', '25d', null].flatMap((ms): Row[] => [
  [
    `a wait of ${ms}`,
    ({ requeuest }) => requeuest.waitFor(crypto.randomUUID(), { timeout: wrong(ms) }),
    'options.timeout',
    'a duration from 0 ms to 24 days',
  ],
  [
    `a waitTimeout of ${ms}`,
    ({ requeuest }) => requeuest.spawnReturning('billing', URL_TEXT, { waitTimeout: wrong(ms) }),
    'options.waitTimeout',
    'a duration from 0 ms to 24 days',
  ],
])

const WAIT_OPTIONS: Row[] = [
  [
    'null as options of waitFor',
    ({ requeuest }) => requeuest.waitFor(crypto.randomUUID(), wrong(null)),
    'options',
    'got null',
  ],
  [
    'an unknown option of waitFor',
    ({ requeuest }) => requeuest.waitFor(crypto.randomUUID(), wrong({ timeoutMs: 5 })),
    'options.timeoutMs',
    'did you mean `timeout`?',
  ],
  ...(['waitTimeoutMs', 'waitTimout'] as const).map(
    (name): Row => [
      `the name ${name}`,
      ({ requeuest }) => requeuest.spawnReturning('billing', URL_TEXT, wrong({ [name]: 5 })),
      `options.${name}`,
      'did you mean `waitTimeout`?',
    ],
  ),
  [
    'a signal of waitFor',
    ({ requeuest }) => requeuest.waitFor(crypto.randomUUID(), { signal: wrong({}) }),
    'options.signal',
    'an AbortSignal',
  ],
  [
    'a signal of null',
    ({ requeuest }) => requeuest.spawnReturning('billing', URL_TEXT, { signal: wrong(null) }),
    'options.signal',
    'an AbortSignal, got null.',
  ],
  [
    'a signal of spawnReturning',
    ({ requeuest }) => requeuest.spawnReturning('billing', URL_TEXT, { signal: wrong(new AbortController()) }),
    'options.signal',
    'an AbortSignal',
  ],
]

const LIFE: Row[] = [
  ...[undefined, null, [], ['billing'], 'billing', 5].map(
    (target): Row => [
      `${JSON.stringify(target)} to clear`,
      ({ requeuest }) => requeuest.clear(wrong(target)),
      'target',
      "an object such as { channel } or { channel: { in: […] } }, or 'all'",
    ],
  ),
  ['nothing to clear', ({ requeuest }) => requeuest.clear(wrong({})), 'target.channel', CHANNEL],
  [
    'a channel that went missing, to clear',
    ({ requeuest }) => requeuest.clear(wrong({ channel: undefined })),
    'target.channel',
    CHANNEL,
  ],
  ['an origin to clear', ({ requeuest }) => requeuest.clear(wrong({ origin: URL_TEXT })), 'target.origin', '`channel`'],
  [
    'a list as channel to clear',
    ({ requeuest }) => requeuest.clear({ channel: wrong(['billing']) }),
    'target.channel',
    'several as { in: […] }',
  ],
  [
    'a hole in what to clear',
    ({ requeuest }) => requeuest.clear({ channel: { in: new Array(1) } }),
    'target.channel.in[0]',
    CHANNEL,
  ],
  ['a text to release', ({ requeuest }) => requeuest.release(wrong('billing')), 'target', '{ channel, key }'],
  [
    'a key that went missing, to release',
    ({ requeuest }) => requeuest.release(wrong({ channel: 'billing', key: undefined })),
    'target.key',
    'a text of 1 to 200',
  ],
  [
    'an orderKey to release',
    ({ requeuest }) => requeuest.release(wrong({ channel: 'billing', orderKey: 'a' })),
    'target.orderKey',
    'did you mean `key`?',
  ],
  ['a line to pause', ({ requeuest }) => requeuest.pause(wrong({ channel: 'a', key: 'b' })), 'target.key', 'omitted'],
  [
    'start without options',
    ({ requeuest }) => requeuest.start(wrong(undefined)),
    'options',
    "{ channels: ['billing'] }",
  ],
  ['start without channels', ({ requeuest }) => requeuest.start(wrong({})), 'options.channels', 'at least one channel'],
  ['start with no channels', ({ requeuest }) => requeuest.start({ channels: [] }), 'options.channels', 'at least one'],
  [
    'start with a text',
    ({ requeuest }) => requeuest.start({ channels: wrong('billing') }),
    'options.channels',
    'a list',
  ],
  [
    'start with an unknown option',
    ({ requeuest }) => requeuest.start(wrong({ channels: 'all', concurency: 5 })),
    'options.concurency',
    'did you mean `concurrency`?',
  ],
  ...[0, -1, 1.5, 10_001, Number.NaN, '5', null].map(
    (concurrency): Row => [
      `a concurrency of ${concurrency}`,
      ({ requeuest }) => requeuest.start({ channels: 'all', concurrency: wrong(concurrency) }),
      'options.concurrency',
      'a whole number from 1 to 10000',
    ],
  ),
  ...[-1, 1.5, '5', null].map(
    (timeout): Row => [
      `stop after ${timeout}`,
      ({ requeuest }) => requeuest.stop({ timeout: wrong(timeout) }),
      'options.timeout',
      'a duration from 0 ms to 24 days',
    ],
  ),
  ['stop with null', ({ requeuest }) => requeuest.stop(wrong(null)), 'options', 'an object'],
  [
    'stop with an unknown option',
    ({ requeuest }) => requeuest.stop(wrong({ timeoutMs: 5 })),
    'options.timeoutMs',
    'did you mean `timeout`?',
  ],
  ['migrate with null', ({ requeuest }) => requeuest.migrate(wrong(null)), 'options', 'an object'],
  [
    'migrate with an unknown option',
    ({ requeuest }) => requeuest.migrate(wrong({ dir: 'a' })),
    'options.dir',
    'directory',
  ],
]

const CONSTRUCTION: Row[] = [
  ...[undefined, null, 5, `postgresql://u:${SECRET}@h/db`, {}, { $transaction: 5 }].map(
    (prisma): Row => [
      `new Requeuest(${JSON.stringify(prisma)})`,
      () => new Requeuest(wrong(prisma)),
      'prisma',
      'a Prisma client: `new Requeuest(new PrismaClient({ adapter }))`',
    ],
  ),
  [
    'new Requeuest(tx)',
    ({ prisma }) => prisma.$transaction(async (tx) => new Requeuest(wrong(tx))),
    'prisma',
    'got an object',
  ],
  ['options of null', ({ prisma }) => new Requeuest(prisma, wrong(null)), 'options', 'an object, got null.'],
  [
    'an unknown option',
    ({ prisma }) => new Requeuest(prisma, wrong({ networks: {} })),
    'options.networks',
    '`network`',
  ],
  [
    'a network entry',
    ({ prisma }) => new Requeuest(prisma, { network: { allow: ['a b'] } }),
    'options.network.allow[0]',
    '',
  ],
  [
    'a network list',
    ({ prisma }) => new Requeuest(prisma, { network: { deny: wrong('a') } }),
    'options.network.deny',
    'a list',
  ],
]

export const BAD_CALLS: Row[] = [
  ...CHANNELS,
  ...IDS,
  ...TRANSACTIONS,
  ...MANY,
  ...WAITS,
  ...WAIT_OPTIONS,
  ...CHANGES,
  ...KEYS,
  ...LIFE,
  ...CONSTRUCTION,
]
