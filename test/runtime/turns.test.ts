import { expect, test } from 'vitest'
import { Turns } from '../../src/runtime/turns.ts'

/** Work that ends when it is told to. */
function held(name: string, begun: string[]) {
  let end!: () => void
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const work = async () => {
    begun.push(name)
    await ended
    return name
  }
  return { work, end }
}

test('turns are taken in the order in which they were asked for, and each returns what its work does', async () => {
  const turns = new Turns()
  const begun: string[] = []
  const names = Array.from({ length: 20 }, (_, n) => `${n}`)
  const taken = names.map((name) =>
    turns.take(async () => {
      begun.push(`${name} begins`)
      await null
      begun.push(`${name} ends`)
      return name
    }),
  )
  expect(await Promise.all(taken)).toEqual(names)
  expect(begun).toEqual(names.flatMap((name) => [`${name} begins`, `${name} ends`]))
})

test('work that fails fails alone, and the next turn is taken', async () => {
  const turns = new Turns()
  const failing = turns.take(() => Promise.reject(new Error('no')))
  const next = turns.take(async () => 'yes')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('yes')
})

test('work that is stuck is not waited for', async () => {
  const turns = new Turns()
  const begun: string[] = []
  const stuck = held('stuck', begun)
  const taken = turns.take(stuck.work)
  expect(await turns.take(async () => 'next')).toBe('next')
  expect(begun).toEqual(['stuck'])
  stuck.end()
  expect(await taken).toBe('stuck')
})
