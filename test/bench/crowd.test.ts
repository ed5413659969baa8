import { expect, it } from 'vitest'
import { answersDue, countAnswers, countDead, deathOf, delayOf, receiverOf } from '../../bench/processes/crowd.ts'

const RECEIVERS = 200
const WARMUP = 400
const ROUNDS = 50
const crowd = { receivers: RECEIVERS, ids: WARMUP + RECEIVERS * ROUNDS, warmup: WARMUP }
const ids = Array.from({ length: crowd.ids }, (_, id) => id)
const receivers = Array.from({ length: RECEIVERS }, (_, receiver) => receiver)
const dead = receivers.filter((receiver) => deathOf(receiver) !== null)

it('a crowd of receivers loses one in fifty, half of them silent and half of them gone', () => {
  expect(dead.map(deathOf)).toEqual(['silent', 'gone', 'silent', 'gone'])
})

it('a crowd of receivers accepts the first ids at once, also where receivers die later', () => {
  expect(ids.slice(0, WARMUP).every((id) => answersDue(crowd, id) === 1)).toBe(true)
})

it('a crowd of receivers expects no answer of the dead, and two for one id in fifty of each other receiver', () => {
  const refusals = new Map(receivers.map((receiver) => [receiver, 0]))
  for (const id of ids.slice(WARMUP)) {
    const receiver = receiverOf(crowd, id)
    expect(answersDue(crowd, id) === 0).toBe(dead.includes(receiver))
    if (answersDue(crowd, id) === 2) refusals.set(receiver, refusals.get(receiver)! + 1)
  }
  expect(receivers.filter((receiver) => refusals.get(receiver) !== 1)).toEqual(dead)
})

it('a crowd of receivers does not refuse everywhere at once', () => {
  const round = ids.slice(WARMUP, WARMUP + RECEIVERS)
  expect(round.filter((id) => answersDue(crowd, id) === 2).length).toBeLessThan(RECEIVERS / 25)
})

it('a crowd of receivers tells how many ids are for the dead, and how many answers there will be', () => {
  expect(countDead(crowd)).toBe(dead.length * ROUNDS)
  expect(countAnswers(crowd)).toBe(WARMUP + (RECEIVERS - dead.length) * (ROUNDS + 1))
})

it('a crowd of receivers answers after 5 to 200 ms, after each of them as often', () => {
  const delays = new Set(ids.slice(0, 196).map(delayOf))
  expect([...delays].sort((one, other) => one - other)).toEqual(Array.from({ length: 196 }, (_, index) => 5 + index))
})
