import assert from 'node:assert/strict'
import { run as runHere } from '../../bin/cli.ts'
import { nearest } from '../../bin/usage.ts'
import { run } from '../support/command.ts'

const ID = '12D3KooWGFfWTJUFF8hw6Yc3bHm8w3XCVYsCPu6Uq2HVCRDJyXqc'

/** Arguments that are wrong, and what the one line about them says. */
const WRONG: Array<[args: string, ...says: string[]]> = [
  ['statsu', 'statsu: unknown verb', 'did you mean status?'],
  ['frobnicate', 'frobnicate: unknown verb', '--help'],
  ['status again', 'again: status takes no further words'],
  ['start again', 'again: unknown verb'],
  ['--lisen /ip4/0.0.0.0/tcp/1', '--lisen: unknown option', 'did you mean --listen?'],
  ['-x', '-x: unknown option'],
  ['--listen', '--listen: needs a value'],
  ['--listen /ip4/1.2.3/tcp/0', '--listen: "/ip4/1.2.3/tcp/0" is not a multiaddr (example: /ip4/0.0.0.0/tcp/4001)'],
  ['--listen /ip4/1.2.3.4/udp/1', '--listen: "/ip4/1.2.3.4/udp/1" is not a TCP address', 'example: '],
  ['--listen /ip4/1.2.3.4/tcp/65536', '--listen: "/ip4/1.2.3.4/tcp/65536" is not a multiaddr'],
  ['--listen /dns4/example.org/tcp/1', '--listen: ', 'is not an IP address with a port'],
  ['--announce /ip4/1.2.3.4/tcp/0', '--announce: "/ip4/1.2.3.4/tcp/0" has no port that others can dial'],
  ['--bootstrap 192.168.1.5:4001', '--bootstrap: "192.168.1.5:4001" is not a multiaddr', 'example: /ip4/'],
  ['--bootstrap /ip4/1.2.3.4/tcp/1/p2p/abc', '--bootstrap: ', '"abc" is not a peer id'],
  [`--bootstrap /ip4/1.2.3.4/tcp/0/p2p/${ID}`, '--bootstrap: ', 'has port 0'],
  ['--view 0', '--view: "0" is not a whole number from 2 to 200'],
  ['--view -3', '--view: "-3" is not a whole number'],
  ['--view 1e9', '--view: "1e9" is not a whole number'],
  ['--view many', '--view: "many" is not a whole number from 2 to 200'],
  ['--view 20 --view 30', '--view: given 2 times, but it takes one value'],
  ['--no-view', '--view: cannot be switched off'],
  ['--healer 1.5', '--healer: "1.5" is not a whole number'],
  ['--view 10 --healer 3 --swapper 3', '--healer + --swapper: 3 + 3 is more than half of the view of 10, which is 5'],
  ['--preset cyclon --swapper 3', '--swapper: the preset cyclon has its own exchange and takes none'],
  ['--preset fastest', '--preset: "fastest" is none of default, swapper, healer, blind, cyclon, newscast'],
  ['--defence walls', '--defence: "walls" is none of none, statistics, ranking'],
  ['--defence ranking --healer 3', '--healer: the defence ranking has its own exchange and takes none'],
  ['--statistics-share 0.5', '--statistics-share: the defence is none'],
  ['--statistics-share 2', '--statistics-share: "2" is not a share from 0 to 1'],
  ['--profile moon', '--profile: "moon" is none of local, lan, wan'],
  ['--peer-selection best', '--peer-selection: "best" is none of rand, tail'],
  ['--propagation pull', '--propagation: "pull" is none of push, pushpull'],
  ['--defence walls', '--defence: "walls" is none of none, statistics, ranking'],
  ['--defence ranking --healer 3', '--healer: the defence ranking has its own exchange and takes none'],
  ['--defence statistics --statistics-share 2', '--statistics-share: "2" is not a share from 0 to 1'],
  ['--statistics-share 0.2', '--statistics-share: the defence is none, which gathers nothing to defend itself by'],
  ['--profile wan --statistics-share 0.2', '--statistics-share: the defence is ranking'],
  ['--period soon', '--period: "soon" is not a time (examples: 500ms, 2s, 1m)'],
  ['--period 0', '--period: "0" is not a time'],
  ['--dial-timeout 1000h', '--dial-timeout: "1000h" is not a time'],
  ['--period 2h', '--period: 7200000 is not a whole number from 1 to 3600000'],
  ['--max-connections 0', '--max-connections: 0 is not a whole number from 2 to 100000'],
  ['--stamp-bits 41', '--stamp-bits: "41" is not a whole number from 0 to 40'],
  ['--stamp-bits -1', '--stamp-bits: "-1" is not a whole number from 0 to 40'],
  ['--stamp-bits some', '--stamp-bits: "some" is not a whole number'],
  ['--no-stamp-bits', '--stamp-bits: cannot be switched off'],
  ['--max-per-block 201', '--max-per-block: "201" is not a whole number from 0 to 200'],
  ['--max-per-block 1.5', '--max-per-block: "1.5" is not a whole number'],
  ['--seed -1', '--seed: "-1" is not a whole number'],
  ['--http 127.0.0.1:99999', '--http: "127.0.0.1:99999" is not a host and a port', '[::1]:8900'],
  ['--http ::1:8900', '--http: "::1:8900" is not a host and a port'],
  ['--json=banana', '--json: "banana" is neither true nor false'],
  ['--home a --home b', '--home: given 2 times'],
  ['--home a --ephemeral', '--ephemeral: an ephemeral peer has no home'],
  ['--ephemeral status', '--ephemeral: not an option of status'],
  ['peers --view 3', '--view: not an option of peers'],
  ['sample 0', 'sample: "0" is not a whole number of at least 1'],
  ['sample some', 'sample: "some" is not a whole number'],
  ['suspects --clear', '--clear: needs a value'],
  ['suspects --clear abc', '--clear: "abc" is not a peer id (example: 12D3KooW'],
  [`peers --clear ${ID}`, '--clear: not an option of peers (it belongs to suspects)'],
  ['--clear abc', '--clear: not an option of start'],
  ['--log status', '--log: "status" is a verb', 'gossip-peer status --log'],
  ['--config /nonexistent/peer.yaml', '--config: cannot read /nonexistent/peer.yaml (ENOENT)']
]

/** Runs the command in this process, which is quicker, and takes what it writes on stderr. */
async function capture(args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ code?: number; stderr: string }> {
  const write = process.stderr.write
  let stderr = ''

  process.stderr.write = text => {
    stderr += text
    return true
  }

  try {
    const code = await runHere(args, { GOSSIP_PEER_HOME: '/nonexistent', ...env })
    return { code, stderr }
  } finally {
    process.stderr.write = write
  }
}

describe('wrong usage of the command', () => {
  for (const [args, ...says] of WRONG) {
    it(`gossip-peer ${args}`, async () => {
      const { code, stderr } = await capture(args.split(' '))

      assert.equal(code, 2)
      assertOneLine(stderr, says)
    })
  }

  it('names the environment variable that is wrong', async () => {
    const { code, stderr } = await capture([], { GOSSIP_PEER_VIEW: '0' })
    assert.equal(code, 2)
    assertOneLine(stderr, ['gossip-peer: GOSSIP_PEER_VIEW: "0" is not a whole number'])
  })

  it('names the variable in an impossible combination', async () => {
    const { stderr } = await capture(['--view', '10', '--healer', '3'], { GOSSIP_PEER_SWAPPER: '3' })
    assertOneLine(stderr, ['--healer + GOSSIP_PEER_SWAPPER: 3 + 3'])
  })

  it('exits with 2 and one line, as a process', async () => {
    const ended = await run(['--listen', '/ip4/1.2.3/tcp/0'])

    assert.equal(ended.code, 2)
    assert.equal(ended.stdout, '')
    assert.equal(
      ended.stderr,
      'gossip-peer: --listen: "/ip4/1.2.3/tcp/0" is not a multiaddr (example: /ip4/0.0.0.0/tcp/4001)\n'
    )
  })
})

describe('the nearest word', () => {
  const words = ['status', 'start', 'stop', 'listen', 'monitor']

  it('forgives a letter too few, too many, another one, and two swapped', () => {
    assert.equal(nearest('statu', words), 'status')
    assert.equal(nearest('listten', words), 'listen')
    assert.equal(nearest('monitar', words), 'monitor')
    assert.equal(nearest('sotp', words), 'stop')
  })

  it('does not guess wildly', () => {
    assert.equal(nearest('frobnicate', words), undefined)
    assert.equal(nearest('x', words), undefined)
  })
})

function assertOneLine(stderr: string, says: string[]): void {
  assert.match(stderr, /^gossip-peer: [^\n]+\n$/)

  for (const words of says) {
    assert.ok(stderr.includes(words), `${JSON.stringify(stderr)} lacks ${JSON.stringify(words)}`)
  }
}
