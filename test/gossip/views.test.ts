import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { MAX_AGE, Views } from '../../src/gossip/views.ts'

type Entry = [peer: number, age: number]

const NODE = 1

function random(views: Views, random: Random): Entry[] {
  views.clear(NODE)

  for (let size = random.below(views.capacity + 1); views.size(NODE) < size; ) {
    const peer = random.below(100)

    if (views.indexOf(NODE, peer) === -1) {
      views.append(NODE, peer, MAX_AGE - random.below(20))
    }
  }

  return entries(views)
}

function entries(views: Views): Entry[] {
  return Array.from({ length: views.size(NODE) }, (_, i) => [views.peer(NODE, i), views.age(NODE, i)])
}

function older([peer, age]: Entry, by: number): Entry {
  return [peer, Math.min(MAX_AGE, age + by)]
}

describe('the views', () => {
  const source = new Random(2)
  const views = new Views(3, 9)

  for (const node of [0, 2]) {
    views.append(node, 7, 7)
  }

  afterEach(() => {
    for (const node of [0, 2]) {
      assert.deepEqual(
        [views.size(node), views.peer(node, 0), views.age(node, 0)],
        [1, 7, 7],
        'others stay as they are'
      )
    }
  })

  it('move random entries to the end: those of Fisher and Yates, with their draws', () => {
    for (let i = 0; i < 500; i++) {
      const expected = random(views, source)
      const count = source.below(expected.length + 1)
      const [ours, plain] = [new Random(i), new Random(i)]
      views.moveRandomToEnd(NODE, count, ours)

      for (let last = expected.length - 1; last >= expected.length - count; last--) {
        const at = plain.below(last + 1)
        ;[expected[at], expected[last]] = [expected[last], expected[at]]
      }

      assert.deepEqual(entries(views), expected)
      assert.equal(ours.next(), plain.next())
    }
  })

  it('grow older up to the limit, and lose one peer on the way', () => {
    for (let i = 0; i < 500; i++) {
      const before = random(views, source)
      const by = source.below(30)
      views.grow(NODE, by)
      const grown = before.map(entry => older(entry, by))
      assert.deepEqual(entries(views), grown)

      const peer = source.below(100)
      const held = before.some(([other]) => other === peer)
      assert.equal(views.growAndRemove(NODE, peer), held)
      assert.deepEqual(
        entries(views),
        grown.filter(([other]) => other !== peer).map(entry => older(entry, 1))
      )
    }
  })

  it('are replaced by a part of two lists, each entry so much older', () => {
    for (let i = 0; i < 500; i++) {
      const list = random(views, source)
      const first = source.below(list.length + 1)
      const end = first + source.below(list.length - first + 1)
      const [peers, ages] = [Int32Array.from(list, ([peer]) => peer), Uint16Array.from(list, ([, age]) => age)]
      views.replace(NODE, peers, ages, first, end, 3)
      assert.deepEqual(
        entries(views),
        list.slice(first, end).map(entry => older(entry, 3))
      )
    }
  })
})
