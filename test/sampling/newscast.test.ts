import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import type { SamplingMessage } from '../../src/sampling/message.ts'
import { samplingParameters } from '../../src/sampling/parameters.ts'
import { createSamplingProtocol } from '../../src/sampling/variants.ts'

type Entry = [peer: number, age: number]

const VIEW = 6
const QUARANTINED = 11

/** Newscast's merge, word for word: the younger one next, of equal ages either at random, nobody twice. */
function merged(view: Entry[], message: Entry[], random: Random): Entry[] {
  const own = [...view]
  const others = message.toSorted(([, a], [, b]) => a - b)
  const result: Entry[] = []

  while (result.length < VIEW && own.length + others.length > 0) {
    const ownAge = own[0]?.[1] ?? Number.POSITIVE_INFINITY
    const otherAge = others[0]?.[1] ?? Number.POSITIVE_INFINITY
    const next = ownAge < otherAge || (ownAge === otherAge && random.below(2) === 0) ? own.shift() : others.shift()

    if (next != null && next[0] !== 0 && next[0] !== QUARANTINED && !result.some(([peer]) => peer === next[0])) {
      result.push(next)
    }
  }

  return result
}

describe("Newscast's exchange", () => {
  it('merges as the paper says: at both ends, whether or not time goes on before the answer, in whatever order it comes', () => {
    const choice = new Random(1)

    function write(message: SamplingMessage): Entry[] {
      const entries: Entry[] = []

      for (let size = choice.below(VIEW + 2); entries.length < size; ) {
        const peer = choice.below(20)

        if (!entries.some(([other]) => other === peer)) {
          entries.push([peer, choice.below(4)])
        }
      }

      message.clear()

      for (const [peer, age] of entries) {
        message.add(peer, age)
      }

      return entries
    }

    for (let seed = 0; seed < 300; seed++) {
      const random = new Random(seed)
      const plain = new Random(seed)
      const protocol = createSamplingProtocol({
        nodes: 1,
        parameters: samplingParameters({ preset: 'newscast', view: VIEW }),
        random,
        quarantine: { peers: 2, rounds: 1_000 }
      })
      const [sent, heard] = [protocol.createMessage(), protocol.createMessage()]
      protocol.abandon(0, QUARANTINED, 'unreachable')
      let view: Entry[] = []
      let time = 0

      const goOn = () => {
        const by = choice.below(2)
        time += by
        protocol.tick(time)
        view = view.map(([peer, age]) => [peer, age + by])
      }

      for (let exchange = 0; exchange < 10; exchange++) {
        goOn()

        if (choice.below(2) === 0) {
          const message = write(heard)
          heard.joining = choice.below(4) === 0
          protocol.respond(0, 19, heard, sent)
          view = merged(view, message, plain)
        } else {
          protocol.request(0, 19, sent)
          goOn()
          const message = write(heard)
          protocol.absorb(0, 19, sent, heard)
          view = merged(view, message, plain)
        }

        const { views } = protocol
        const actual = Array.from({ length: views.size(0) }, (_, i): Entry => [views.peer(0, i), views.age(0, i)])
        assert.deepEqual(actual, view)
      }

      assert.equal(random.next(), plain.next())
    }
  })
})
