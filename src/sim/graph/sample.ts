import type { Random } from '../../gossip/random.ts'

/**
 * So many distinct of the items, each as likely as any other, in their order: Algorithm S (D. Knuth, "The Art of
 * Computer Programming", volume 2, section 3.4.2).
 */
export function sample(items: Int32Array, count: number, random: Random): Int32Array {
  const chosen = new Int32Array(Math.min(count, items.length))
  let size = 0

  for (let i = 0; size < chosen.length; i++) {
    if (random.below(items.length - i) < chosen.length - size) {
      chosen[size++] = items[i]
    }
  }

  return chosen
}
