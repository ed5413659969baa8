import type { HttpRequestInput } from '../message/input.ts'
import type { PrismaTransactionLike } from '../store/db.ts'

/** What a renderer is given. */
export interface RendererInput<Args, Tx = PrismaTransactionLike> {
  /** The client of a transaction that only reads, and sees one state of the database. It is open for 10 s at most. */
  tx: Tx
  /** What was spawned as `args`, by way of JSON; null when there was nothing. It is not checked. */
  args: Args
  request: { id: string; channel: string }
}

/** Makes a request when it is sent, at each attempt anew. What it throws ends the attempt as `unprepared`. */
export type RequestRenderer<Args, Tx = PrismaTransactionLike> = (
  input: RendererInput<Args, Tx>,
) => HttpRequestInput | Promise<HttpRequestInput>
