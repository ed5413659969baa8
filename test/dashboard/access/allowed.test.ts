import { expect, test } from 'vitest'
import { allowedBy } from '../../../src/dashboard/access/allowed.ts'
import { DASHBOARD_ACTIONS } from '../../../src/dashboard/options.ts'

test('visitors may do all, nothing but look, or what is listed', () => {
  expect(allowedBy('full')).toEqual(new Set(DASHBOARD_ACTIONS))
  expect(allowedBy('read')).toEqual(new Set())
  expect(allowedBy([])).toEqual(new Set())
  expect(allowedBy(['redrive', 'pause'])).toEqual(new Set(['redrive', 'pause']))
})

test.each([[false], [undefined], [null], [true], [1], ['Full'], ['admin'], [''], [{}], [new Set(['redrive'])]])(
  'nobody is let in by %j',
  (access) => {
    expect(allowedBy(access)).toBeNull()
  },
)

test.each([[['Redrive']], [['redrive', 'everything']], [[undefined]], [[['redrive']]]])(
  'nobody is let in by the list %j, in which not all are actions',
  (access) => {
    expect(allowedBy(access)).toBeNull()
  },
)
