import { type Row, SECRET, URL_TEXT } from './row.ts'

/** What is not of the type that the compiler asks for. */
const wrong = (value: unknown) => value as never

const ID = '019ab000-0000-7000-8000-000000000000'

export const BAD_IDS: unknown[] = [
  '',
  'abc',
  '019ab000-0000-7000-8000-00000000000',
  '019ab000-0000-7000-8000-00000000000g',
  '{019ab000-0000-7000-8000-000000000000}',
  '019ab00000007000800000000000000000000',
  '019ab000000070008000000000000000',
  '019ab000-0000-7000-8000-000000000000\n',
  `${URL_TEXT}?t=${SECRET}`,
  5,
  null,
  undefined,
  {},
]

export const CHANGES: Row[] = [
  ...BAD_IDS.flatMap((id): Row[] => [
    [
      `reschedule(${JSON.stringify(id)})`,
      ({ requeuest }) => requeuest.reschedule(wrong(id), new Date()),
      'id',
      'a UUID',
    ],
    [
      `retarget(${JSON.stringify(id)})`,
      ({ requeuest }) => requeuest.retarget(wrong(id), { url: URL_TEXT }),
      'id',
      'a UUID',
    ],
    ...(typeof id === 'string'
      ? ([
          [`cancel(${JSON.stringify(id)})`, ({ requeuest }) => requeuest.cancel(id), 'id', 'a UUID'],
          [`redrive(${JSON.stringify(id)})`, ({ requeuest }) => requeuest.redrive(id), 'id', 'a UUID'],
        ] satisfies Row[])
      : []),
  ]),
  ...(['cancel', 'redrive'] as const).flatMap((method): Row[] => [
    [`${method} of everything by mistake`, ({ requeuest }) => requeuest[method]({}), 'where', 'at least one condition'],
    [
      `${method} of what went missing`,
      ({ requeuest }) => requeuest[method](wrong({ id: undefined })),
      'where.id',
      'a value',
    ],
    [
      `${method} with a tx of null`,
      ({ requeuest }) => requeuest[method](ID, { tx: wrong(null) }),
      'options.tx',
      'Prisma transaction',
    ],
    [
      `${method} with the whole client as tx`,
      ({ requeuest, prisma }) => requeuest[method](ID, { tx: prisma }),
      'options.tx',
      'not the whole client',
    ],
    [`${method} with null`, ({ requeuest }) => requeuest[method](ID, wrong(null)), 'options', 'an object'],
  ]),
  [
    'cancel with an unknown option',
    ({ requeuest }) => requeuest.cancel(ID, wrong({ dry: true })),
    'options.dry',
    'it knows `tx`, `dryRun`, `onProgress`',
  ],
  [
    'reschedule with an unknown option',
    ({ requeuest }) => requeuest.reschedule(ID, new Date(), wrong({ tix: 1 })),
    'options.tix',
    '`tx`',
  ],
  ...[undefined, null, 5, '2030-01-01', new Date(Number.NaN), new Date(-1)].map(
    (runAt): Row => [
      `reschedule to ${String(runAt)}`,
      ({ requeuest }) => requeuest.reschedule(ID, wrong(runAt)),
      'runAt',
      'a valid Date',
    ],
  ),
  ['retarget to nothing', ({ requeuest }) => requeuest.retarget(ID, {}), 'target', '`url` or `headers`'],
  ['retarget to a text', ({ requeuest }) => requeuest.retarget(ID, wrong(URL_TEXT)), 'target', 'an object'],
  [
    'retarget with a body',
    ({ requeuest }) => requeuest.retarget(ID, wrong({ body: SECRET })),
    'target.body',
    'omitted',
  ],
  [
    'retarget to no URL',
    ({ requeuest }) => requeuest.retarget(ID, { url: `https://u:${SECRET}@example.com/?t=${SECRET}` }),
    'target.url',
    'user or password',
  ],
  [
    'retarget with a header that frames the message',
    ({ requeuest }) => requeuest.retarget(ID, { headers: { 'content-length': SECRET } }),
    'target.headers[0]',
    'derived from the body',
  ],
  [
    'retarget with senseless headers',
    ({ requeuest }) => requeuest.retarget(ID, { headers: wrong(SECRET) }),
    'target.headers',
    'pairs',
  ],
  ['a dry run of 1', ({ requeuest }) => requeuest.redrive(ID, { dryRun: wrong(1) }), 'options.dryRun', 'true or false'],
  ['no more attempts', ({ requeuest }) => requeuest.redrive(ID, { maxAttempts: 0 }), 'options.maxAttempts', 'from 1'],
  [
    'an expiry at once',
    ({ requeuest }) => requeuest.redrive(ID, { expiresAfter: 0 }),
    'options.expiresAfter',
    'a duration from 1 ms to 100 years',
  ],
  [
    'a progress of text',
    ({ requeuest }) => requeuest.redrive(ID, { onProgress: wrong(SECRET) }),
    'options.onProgress',
    'a function',
  ],
  [
    'an old name of an option of redrive',
    ({ requeuest }) => requeuest.redrive(ID, wrong({ expiresAfterMs: 5 })),
    'options.expiresAfterMs',
    'did you mean `expiresAfter`?',
  ],
  [
    'an unknown option of redrive',
    ({ requeuest }) => requeuest.redrive(ID, wrong({ batch: 5 })),
    'options.batch',
    'it knows `tx`, `dryRun`',
  ],
]

export const KEYS: Row[] = [
  ...['', 'k'.repeat(201), 'a\0', '\ud83d', 5, null, undefined, {}].map(
    (key): Row => [
      `the key ${JSON.stringify(key)}`,
      ({ requeuest }) => requeuest.spawn('billing', URL_TEXT, { dedupe: { key: wrong(key) } }),
      'options.dedupe.key',
      'a text of 1 to 200 characters',
    ],
  ),
  [
    'a dedupe without a key',
    ({ requeuest }) => requeuest.spawn('billing', URL_TEXT, { dedupe: wrong({ for: 5, onDuplicate: 'keep' }) }),
    'options.dedupe.key',
    'a text of 1 to 200 characters',
  ],
  [
    'a dedupe without a key, of one among many',
    ({ requeuest }) =>
      requeuest.spawnMany('billing', [{ request: URL_TEXT, options: { dedupe: wrong({ for: '1d' }) } }]),
    'requests[0].options.dedupe.key',
    'a text of 1 to 200 characters',
  ],
  [
    'a key for many',
    ({ requeuest }) => requeuest.spawnMany('billing', [URL_TEXT], { dedupe: wrong({ key: 'a' }) }),
    'options.dedupe.key',
    'omitted: each request has one of its own',
  ],
  ...(['retry', 'dedupe'] as const).map(
    (name): Row => [
      `a ${name} of null of one among many`,
      ({ requeuest }) =>
        requeuest.spawnMany('billing', [{ request: URL_TEXT, options: wrong({ [name]: null }) }], {
          retry: { maxAttempts: 5 },
          dedupe: { for: '1d' },
        }),
      `requests[0].options.${name}`,
      'got null',
    ],
  ),
  [
    'a backoff of null of one among many',
    ({ requeuest }) =>
      requeuest.spawnMany('billing', [{ request: URL_TEXT, options: { retry: { backoff: wrong(null) } } }], {
        retry: { backoff: { base: 5 } },
      }),
    'requests[0].options.retry.backoff',
    'got null',
  ],
]
