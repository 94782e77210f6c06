/** What can be said of a network from everybody's view. */
export interface Member {
  id: string
  view: string[]
}

/** How many parts the network falls into, links taken in both directions. */
export function components(members: Member[]): number {
  const parent = new Map(members.map(member => [member.id, member.id]))

  const root = (id: string): string => {
    let at = id

    while (parent.get(at) !== at) {
      at = parent.get(at) as string
    }

    return at
  }

  for (const { id, view } of members) {
    for (const peer of view) {
      if (parent.has(peer)) {
        parent.set(root(peer), root(id))
      }
    }
  }

  return new Set(members.map(member => root(member.id))).size
}

/** How many views hold each member. */
export function inDegrees(members: Member[]): Map<string, number> {
  const degrees = new Map(members.map(member => [member.id, 0]))

  for (const peer of members.flatMap(member => member.view)) {
    const degree = degrees.get(peer)

    if (degree != null) {
      degrees.set(peer, degree + 1)
    }
  }

  return degrees
}

/** How far values spread around their mean. */
export function standardDeviation(values: number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

/** What is wrong with the views, if anything: links to oneself, links twice, links to nobody, room left. */
export function badView(members: Member[], size: number): string | undefined {
  const living = new Set(members.map(member => member.id))

  for (const { id, view } of members) {
    const dead = view.filter(peer => !living.has(peer)).length

    if (view.includes(id)) {
      return `${id} has itself in its view`
    }

    if (new Set(view).size < view.length) {
      return `${id} has a peer twice in its view`
    }

    if (dead > 0) {
      return `${id} has ${dead} dead peers in its view`
    }

    if (view.length < size) {
      return `${id} has ${view.length} peers in its view, not ${size}`
    }
  }

  return undefined
}
