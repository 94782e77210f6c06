import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PeerStatus } from '../../src/peer/index.ts'
import {
  endOf,
  killAll,
  LOOPBACK,
  type RunningCommand,
  removeFolder,
  run,
  start,
  startPeer,
  temporaryFolder
} from '../support/command.ts'
import { eventually } from '../support/eventually.ts'

const ID = /12D3KooW[1-9A-HJ-NP-Za-km-z]{44}/

describe('the command, in a network of its own', function () {
  this.timeout(60_000)

  let home: string
  let first: RunningCommand
  let second: RunningCommand
  let firstId: string
  let secondId: string

  before(async () => {
    home = await temporaryFolder()
    first = await startPeer(['--bootstrap', '--home', home, '--listen', '/ip4/127.0.0.1/tcp/0'], {
      env: { GOSSIP_PEER_PROFILE: 'local' }
    })
    firstId = (await first.says(/^peer (12D3\S+)$/m))[1]
  })

  after(async () => {
    await killAll()
    await removeFolder(home)
  })

  /** Asks the first peer. */
  const ask = async (...args: string[]) => await run([...args, '--home', home])

  /** Arguments of a peer that joins the first one, from loopback only. */
  const newcomerArguments = async () => ['--listen', '/ip4/127.0.0.1/tcp/0', ...(await printedCommand())]

  /** The command that the first peer has printed for this host, as its words. */
  const printedCommand = async (): Promise<string[]> => (await first.says(/npx gossip-peer ([^\n"]+)/))[1].split(' ')

  /**
   * A peer that joins and is killed when the monitors have told of it. One that came before they listened they missed:
   * then another one comes.
   *
   * @returns its id
   */
  async function monitoredNewcomer(monitors: RunningCommand[]): Promise<string> {
    for (;;) {
      const newcomer = await startPeer([...(await newcomerArguments()), '--json'])
      const { peerId } = JSON.parse(newcomer.lines[0])
      await newcomer.says(/"event":"joined"/)
      const seen = await eventually(() => monitors.every(({ stdout }) => stdout.includes(peerId)), {
        deadline: 2_000,
        what: 'the monitors tell of the newcomer'
      }).then(
        () => true,
        () => false
      )
      await newcomer.endBy('SIGKILL')

      if (seen) {
        return peerId
      }
    }
  }

  it('prints the peer id, the addresses, and how to join from this host and from another', async () => {
    const [port] = (await first.says(/(?<=\/ip4\/127\.0\.0\.1\/tcp\/)\d+/)).slice(0, 1)

    assert.equal(
      first.stdout,
      `peer ${firstId}
reachable at
  /ip4/127.0.0.1/tcp/${port}/p2p/${firstId}
join it from this host:
  npx gossip-peer --ephemeral --bootstrap /ip4/127.0.0.1/tcp/${port}/p2p/${firstId} --profile local
other hosts cannot reach it: it listens on loopback only (--listen /ip4/0.0.0.0/tcp/0 lets them)
`
    )
  })

  it('joins with the printed command, exactly as printed', async () => {
    second = start(await printedCommand())
    secondId = (await second.says(/^peer (12D3\S+)$/m))[1]

    await second.says(new RegExp(`^\\d\\d:\\d\\d:\\d\\d joined through ${firstId}$`, 'm'))
    await first.says(new RegExp(`^\\d\\d:\\d\\d:\\d\\d joined through ${secondId}$`, 'm'))
    assert.equal(second.stderr, '')
    assert.equal(first.stderr, '')
  })

  it('prints for another host the address of a network interface', async function () {
    const command = /another host:\n {2}npx gossip-peer --bootstrap \/ip4\/(\S+?)\/tcp\/\d+\/p2p\/(\S+)/.exec(
      second.stdout
    )

    if (command == null) {
      console.log('        skipped: this machine has no network interface but loopback')
      return this.skip()
    }

    assert.notEqual(command[1].split('.')[0], '127')
    assert.equal(command[2], secondId)
  })

  it('status', async () => {
    const { code, stdout, stderr } = await ask('status')

    assert.equal(code, 0)
    assert.equal(stderr, '')
    assert.match(stdout, new RegExp(`^peer +${firstId}$`, 'm'))
    assert.match(stdout, /^view +1 of 30 members$/m)
    assert.match(stdout, /^defence +none$/m)
    // in a network of two every answer names the two ends only
    assert.match(stdout, /^suspects +0 of 0 peers seen lately$/m)
  })

  it('status --json', async () => {
    const status: PeerStatus = onlyDocument((await ask('status', '--json')).stdout)

    assert.equal(status.peerId, firstId)
    assert.match(status.addresses[0], new RegExp(`^/ip4/127.0.0.1/tcp/\\d+/p2p/${firstId}$`))
    assert.equal(status.pid, first.child.pid)
    assert.ok(status.uptimeSeconds >= 0)
    assert.equal(typeof status.connections, 'number')
    assert.equal(status.sampling.viewSize, 1)
    assert.equal(status.sampling.capacity, 30)
    assert.ok(status.sampling.rounds >= 0)

    for (const count of ['initiated', 'answered', 'failed', 'busy', 'rejected'] as const) {
      assert.equal(typeof status.sampling.exchanges[count], 'number')
    }

    assert.equal(status.sampling.defence, 'none')
    assert.deepEqual(status.sampling.suspects, [])
    assert.equal(status.sampling.sightings.unheeded, 0)
    assert.equal(status.sampling.view[0].peerId, secondId)
    assert.equal(typeof status.sampling.view[0].age, 'number')
    assert.ok(status.sampling.view[0].addresses.length > 0)
  })

  it('peers', async () => {
    const { code, stdout } = await ask('peers')
    const lines = stdout.trimEnd().split('\n')

    assert.equal(code, 0)
    assert.match(lines[0], /^PEER +AGE +ADDRESS$/)
    assert.match(lines[1], new RegExp(`^${secondId} +\\d+ +/ip4/`))
    assert.equal(lines.length, 2)
  })

  it('peers --json', async () => {
    const [member, ...others] = onlyDocument<PeerStatus['sampling']['view']>((await ask('peers', '--json')).stdout)

    assert.equal(member.peerId, secondId)
    assert.equal(typeof member.age, 'number')
    assert.match(member.addresses[0], /^\/ip4\//)
    assert.deepEqual(others, [])
  })

  it('sample', async () => {
    const { code, stdout, stderr } = await ask('sample')

    assert.equal(code, 0)
    assert.match(stdout, new RegExp(`^${secondId} /ip4/\\S+\\n$`))
    assert.equal(stderr, '')
  })

  it('sample 5 --json, of a view of one', async () => {
    const { code, stdout, stderr } = await ask('sample', '5', '--json')

    assert.equal(code, 0)
    assert.deepEqual(
      onlyDocument<Array<{ peerId: string }>>(stdout).map(({ peerId }) => peerId),
      [secondId]
    )
    assert.equal(stderr, 'gossip-peer: only 1 member known\n')
  })

  it('suspects: nobody', async () => {
    const text = await ask('suspects')
    assert.deepEqual([text.code, text.stdout, text.stderr], [0, '', 'gossip-peer: nobody is suspected\n'])
    const json = await ask('suspects', '--json')
    assert.deepEqual([json.code, json.stdout, json.stderr], [0, '[]\n', ''])
  })

  it('suspects --clear of somebody who is none', async () => {
    const { code, stdout, stderr } = await ask('suspects', '--clear', secondId)
    assert.deepEqual([code, stdout, stderr], [1, '', `gossip-peer: ${secondId} is no suspect\n`])
  })

  it('id', async () => {
    const { code, stdout } = await ask('id')

    assert.equal(code, 0)
    assert.equal(stdout, `${firstId}\n`)
  })

  it('id --json, with the home in the environment', async () => {
    const { stdout } = await run(['id', '--json'], { env: { GOSSIP_PEER_HOME: home } })
    assert.equal(onlyDocument<{ peerId: string }>(stdout).peerId, firstId)
  })

  it('doctor, and its exit code', async () => {
    const text = await ask('doctor')
    const json = await ask('doctor', '--json')
    const { troubles } = onlyDocument<{ troubles: unknown[] }>(json.stdout)

    assert.equal(json.code, troubles.length === 0 ? 0 : 1)
    assert.equal(text.code, json.code)
    assert.ok(text.stdout.length > 0)
    assert.equal(text.stderr, '')
  })

  it('monitor tells of a newcomer and of its loss, until Ctrl-C', async () => {
    const monitors = [start(['monitor', '--home', home]), start(['monitor', '--json', '--home', home])]
    const peerId = await monitoredNewcomer(monitors)

    await first.says(new RegExp(`^\\d\\d:\\d\\d:\\d\\d lost ${peerId} \\(`, 'm'))
    await monitors[0].says(new RegExp(`^\\d\\d:\\d\\d:\\d\\d lost ${peerId} \\(`, 'm'))
    await monitors[1].says(new RegExp(`"event":"member:lost".*"peerId":"${peerId}"`))

    for (const line of monitors[1].lines) {
      const { event, time } = JSON.parse(line)
      assert.equal(typeof event, 'string')
      assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000)
    }

    for (const monitor of monitors) {
      assert.equal((await monitor.endBy('SIGINT')).code, 130)
    }
  })

  it('goes on when nobody reads its output any more', async () => {
    second.child.stdout?.destroy()
    second.child.stderr?.destroy()
    const newcomer = await startPeer(await newcomerArguments())
    await newcomer.says(/joined through/)
    await newcomer.endBy('SIGTERM')

    await eventually(async () => (await ask('sample')).stdout.includes(secondId), {
      what: 'the second peer is still a member'
    })
    assert.equal(second.child.exitCode, null)
  })

  it('stop waits until the peer is gone; who monitors it ends with 1', async () => {
    const monitor = start(['monitor', '--json', '--home', home])
    await monitoredNewcomer([monitor])
    const { code, stdout } = await ask('stop')

    assert.equal(code, 0)
    assert.equal(stdout, `stopped ${firstId}\n`)
    assert.equal((await endOf(first)).code, 0)
    assert.equal(existsSync(join(home, 'control.sock')), false, readdirSync(home).join())

    const { code: monitorCode, stderr } = await endOf(monitor)
    assert.equal(monitorCode, 1)
    assert.equal(stderr, 'gossip-peer: the peer has gone\n')
  })

  it('rejoins through what it remembers, under the same id', async () => {
    first = await startPeer(['--home', home, ...LOOPBACK, '--json'])
    const started = JSON.parse(first.lines[0])

    assert.equal(started.peerId, firstId)
    const [, through] = await first.says(/"event":"joined".*"through":"([^"]+)"/)
    assert.match(through, ID)
  })

  it('monitor of a peer that is killed ends with 1', async () => {
    const monitor = start(['monitor', '--home', home])
    await monitoredNewcomer([monitor])
    await first.endBy('SIGKILL')
    const { code, stderr } = await endOf(monitor)

    assert.equal(code, 1)
    assert.equal(stderr, 'gossip-peer: the peer has gone\n')
  })

  it('starts again in the home of a peer that was killed', async () => {
    first = await startPeer(['--home', home, ...LOOPBACK])

    assert.equal((await ask('id')).stdout, `${firstId}\n`)
    assert.equal((await first.endBy('SIGTERM')).code, 0)
  })
})

/** The one JSON document, on a line of its own. */
function onlyDocument<T>(stdout: string): T {
  assert.match(stdout, /^[^\n]+\n$/)
  return JSON.parse(stdout)
}
