import { countText } from '../view/format.ts'
import type { Action } from './action.ts'
import { type Line, lineOf } from './targets.ts'

export const release: Action<Line> = {
  name: 'release',
  targetOf: lineOf,
  ask: async ({ requeuest }, { line }) => {
    const held = (await requeuest.inspect.lines()).find(
      ({ channel, key }) => channel === line.channel && key === line.key,
    )
    const name = line.key === '' ? `the line of the channel ${line.channel}` : `the line ${line.key} of ${line.channel}`
    return {
      title: held ? `Release ${name}?` : 'There is nothing to do',
      button: 'Release',
      isPointless: held === undefined,
      text: held ? (
        <p>
          {`The request that holds it stays failed and is passed over. What waits behind it (${countText(held.waiting)}) is sent in its order. To send the one that failed first, redrive it instead.`}
        </p>
      ) : (
        <p>{`Nothing holds ${name}.`}</p>
      ),
    }
  },
  run: async ({ requeuest }, { line }) => ({ changed: (await requeuest.release(line)) ? 1 : 0 }),
  said: (changed) => (changed > 0 ? 'The line is released.' : 'Nothing was changed: the line was not held.'),
}
