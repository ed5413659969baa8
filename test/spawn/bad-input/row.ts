import type { PrismaClient } from '../../../generated/prisma/client.ts'
import type { HttpRequestInput, Requeuest, SpawnOptions } from '../../../src/index.ts'

/** Stands where a secret may stand. No message may show it. */
export const SECRET = 'S3CRET'
export const URL_TEXT = 'https://example.com/'

interface Setting {
  requeuest: Requeuest
  prisma: PrismaClient
}

/** What is wrong, the call that must be refused, the field that the error names, and a piece of its message. */
export type Row = [what: string, call: (setting: Setting) => unknown, field: string, message: string]

/** A request that each kind of spawn must refuse. It is made anew for each, because a stream can be read once. */
export type BadRequest = [what: string, request: () => unknown, field: string, message: string]

/** Options that each kind of spawn must refuse. */
export type BadOptions = [what: string, options: unknown, field: string, message: string]

export function requestRows([what, request, field, message]: BadRequest): Row[] {
  const make = () => request() as HttpRequestInput
  return [
    [`${what}, in spawn`, ({ requeuest }) => requeuest.spawn('billing', make()), `request${field}`, message],
    [
      `${what}, in spawnMany`,
      ({ requeuest }) => requeuest.spawnMany('billing', [URL_TEXT, make(), URL_TEXT]),
      `requests[1]${field}`,
      message,
    ],
    [
      `${what}, in spawnReturning`,
      ({ requeuest }) => requeuest.spawnReturning('billing', make()),
      `request${field}`,
      message,
    ],
  ]
}

export function optionRows([what, given, field, message]: BadOptions): Row[] {
  const options = given as SpawnOptions
  return [
    [`${what}, in spawn`, ({ requeuest }) => requeuest.spawn('billing', URL_TEXT, options), field, message],
    [`${what}, in spawnMany`, ({ requeuest }) => requeuest.spawnMany('billing', [URL_TEXT], options), field, message],
    [
      `${what}, in spawnReturning`,
      ({ requeuest }) => requeuest.spawnReturning('billing', URL_TEXT, options),
      field,
      message,
    ],
  ]
}
