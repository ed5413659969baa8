import type { OpenSystem } from './system.ts'

/** What is known of a system before it runs. */
export interface SystemFacts {
  title: string
  /** What it sends with. */
  sender: string
  /** The npm package whose version is told. */
  npm: string
  /** The oldest Node that it declares to run on. */
  node: number
  /** Where it keeps what it has to do. */
  keepsIn: 'postgres' | 'redis' | 'nothing'
  /** Runs with the library of the checkout that `--against` names. */
  isOther?: true
  /** Loaded on demand: a worker must not carry the memory of the others. */
  load(): Promise<OpenSystem>
}

const requeuest = { sender: 'undici dispatch', npm: 'undici', node: 20, keepsIn: 'postgres' } as const
const graphile = { sender: 'undici.request', npm: 'graphile-worker', node: 22, keepsIn: 'postgres' } as const
const pgBoss = { sender: 'undici.request', npm: 'pg-boss', node: 22, keepsIn: 'postgres' } as const
const bullmq = { sender: 'undici.request', npm: 'bullmq', node: 20, keepsIn: 'postgres' } as const

export const SYSTEMS = {
  requeuest: {
    ...requeuest,
    title: 'Requeuest',
    load: async () => (await import('./requeuest.ts')).openRequeuest,
  },
  'requeuest-polling': {
    ...requeuest,
    title: 'Requeuest, polling',
    load: async () => (await import('./requeuest.ts')).openRequeuestPolling,
  },
  'requeuest-otel': {
    ...requeuest,
    title: 'Requeuest, traced and measured',
    load: async () => (await import('./requeuest-otel.ts')).openRequeuestOtel,
  },
  'requeuest-other': {
    ...requeuest,
    title: 'Requeuest, the other checkout',
    isOther: true,
    load: async () => (await import('./requeuest.ts')).openRequeuest,
  },
  graphile: {
    ...graphile,
    title: 'graphile-worker, tuned',
    load: async () => (await import('./graphile.ts')).openGraphile,
  },
  'graphile-default': {
    ...graphile,
    title: 'graphile-worker, defaults',
    load: async () => (await import('./graphile.ts')).openGraphileDefault,
  },
  'graphile-attempts': {
    ...graphile,
    title: 'graphile-worker, tuned, with attempt rows',
    load: async () => (await import('./graphile.ts')).openGraphileAttempts,
  },
  pgboss: { ...pgBoss, title: 'pg-boss, tuned', load: async () => (await import('./pg-boss.ts')).openPgBoss },
  'pgboss-default': {
    ...pgBoss,
    title: 'pg-boss, defaults',
    load: async () => (await import('./pg-boss.ts')).openPgBossDefault,
  },
  'pgboss-attempts': {
    ...pgBoss,
    title: 'pg-boss, tuned, with attempt rows',
    load: async () => (await import('./pg-boss.ts')).openPgBossAttempts,
  },
  bullmq: {
    ...bullmq,
    title: 'BullMQ on Redis',
    keepsIn: 'redis',
    load: async () => (await import('./bullmq.ts')).openBullmq,
  },
  'bullmq-postgres': {
    ...bullmq,
    title: 'BullMQ on Postgres',
    load: async () => (await import('./bullmq.ts')).openBullmqPostgres,
  },
  'bullmq-attempts': {
    ...bullmq,
    title: 'BullMQ on Postgres, with attempt rows',
    load: async () => (await import('./bullmq.ts')).openBullmqAttempts,
  },
  undici: {
    title: 'no queue, undici.request',
    sender: 'undici.request',
    npm: 'undici',
    node: 20,
    keepsIn: 'nothing',
    load: async () => (await import('./without-queue.ts')).openUndici,
  },
  'undici-dispatch': {
    title: 'no queue, undici dispatch',
    sender: 'undici dispatch',
    npm: 'undici',
    node: 20,
    keepsIn: 'nothing',
    load: async () => (await import('./without-queue.ts')).openUndiciDispatch,
  },
} as const satisfies Record<string, SystemFacts>

export type SystemName = keyof typeof SYSTEMS

export const SYSTEM_NAMES = Object.keys(SYSTEMS) as SystemName[]

export function factsOf(name: SystemName): SystemFacts {
  return SYSTEMS[name]
}
