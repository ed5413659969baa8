import type { HttpRequestInput } from '../message/input.ts'
import type { PrismaTransactionLike } from '../store/db.ts'

/** Argument of a renderer. */
export interface RendererInput<Args, Tx = PrismaTransactionLike> {
  /** The client of a read-only transaction that sees one snapshot of the database. It is open for 10 s at most. */
  tx: Tx
  /** The spawned `args`, parsed from JSON; null if there were none. They are not validated. */
  args: Args
  request: { id: string; channel: string }
}

/** Makes a request at each attempt. If it throws, the attempt ends as `unprepared`. */
export type RequestRenderer<Args, Tx = PrismaTransactionLike> = (
  input: RendererInput<Args, Tx>,
) => HttpRequestInput | Promise<HttpRequestInput>
