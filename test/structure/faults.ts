import type { House } from './house.ts'
import type { Source } from './source.ts'

/** What a house has that its plan does not allow, each as a sentence. Circles within a room are the linter's to find. */
export function faultsOf(house: House, sources: readonly Source[]): string[] {
  return [...misplaced(house, sources), ...upwards(house, sources), ...strangers(house, sources)]
}

function misplaced({ folder, floors }: House, sources: readonly Source[]): string[] {
  const rooms = floors.flat()
  const homeless = sources.filter(({ file }) => !rooms.some((room) => isIn(folder, file, room)))
  const empty = rooms
    .flatMap((room) => room.split(' '))
    .filter((place) => !sources.some(({ file }) => isIn(folder, file, place)))
  return [
    ...homeless.map(({ file }) => `${file} is on no floor`),
    ...empty.map((place) => `${folder}/${place} is on a floor, and not there`),
  ]
}

function upwards({ folder, floors }: House, sources: readonly Source[]): string[] {
  const rooms = floors.flatMap((floor, depth) => floor.map((room) => ({ room, depth })))
  const roomOf = (file: string) => rooms.find(({ room }) => isIn(folder, file, room))
  return sources.flatMap(({ file, own }) => {
    const from = roomOf(file)
    const isDown = (target: string) => {
      const to = roomOf(target)
      return !from || !to || from === to || from.depth < to.depth
    }
    return own.filter((target) => !isDown(target)).map((target) => `${file} imports ${target}, which is not below it`)
  })
}

function strangers({ folder, foreign }: House, sources: readonly Source[]): string[] {
  const allowed = Object.entries(foreign)
  return sources.flatMap(({ file, foreign: names }) => {
    const mayImport = (name: string) =>
      allowed.some(([what, where]) => (name === what || name.startsWith(`${what}/`)) && isIn(folder, file, where))
    return names.filter((name) => !mayImport(name)).map((name) => `${file} may not import ${name}`)
  })
}

/** Whether a file is one of the places of a folder, or in one of them. */
function isIn(folder: string, file: string, places: string): boolean {
  return places.split(' ').some((place) => {
    const whole = `${folder}/${place}`
    return place === '*' || file === whole || file.startsWith(`${whole}/`)
  })
}
