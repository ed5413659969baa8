/** What is done to workers. */
const WORKER_FAULTS = ['kill', 'stop'] as const
/** What is done to Postgres, or to the connections that lead there. `commit`: cut between COMMIT and its answer. */
const POSTGRES_FAULTS = [
  'terminate',
  'crash',
  'commit',
  'postgres-cut',
  'postgres-reset',
  'postgres-blackhole',
  'postgres-delay',
] as const
/** What is done to the connections that lead to the receiver. */
const RECEIVER_FAULTS = ['receiver-cut', 'receiver-reset', 'receiver-blackhole', 'receiver-delay'] as const

export const FAULT_KINDS = [...WORKER_FAULTS, ...POSTGRES_FAULTS, ...RECEIVER_FAULTS]

export type FaultKind = (typeof FAULT_KINDS)[number]

export const strikesPostgres = (kind: FaultKind): boolean => (POSTGRES_FAULTS as readonly string[]).includes(kind)

export const strikesReceiver = (kind: FaultKind): boolean => (RECEIVER_FAULTS as readonly string[]).includes(kind)
