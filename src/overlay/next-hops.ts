/**
 * A step of greedy routing: whom to go to next, of all peers known those that are strictly nearer to the target than the one
 * that asks, the nearest first. Whoever goes to the first that answers gets nearer with each hop, and so never in a circle; where
 * there is none, it has arrived, or can get no nearer.
 *
 * @param known - one that is in it twice is in the answer twice
 * @param distance - of a peer to the target
 * @param own - distance of the one that asks to the target
 */
export function nextHops<T>(known: Iterable<T>, distance: (peer: T) => number, own: number): T[] {
  const nearer: Array<{ peer: T; left: number }> = []

  for (const peer of known) {
    const left = distance(peer)

    if (left < own) {
      nearer.push({ peer, left })
    }
  }

  return nearer.sort((a, b) => a.left - b.left).map(({ peer }) => peer)
}
