import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Diagnosis, openControl, type PeerStatus } from '../../src/peer/index.ts'
import { killAll, type RunningCommand, removeFolder, temporaryFolder } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { type Host, LocalNetwork, NoHostsError } from './hosts.ts'

/** A peer on one of the hosts. */
interface Peer {
  host: Host
  command: RunningCommand
  home: string
}

describe('peers on three hosts of a local network', function () {
  this.timeout(90_000)

  let folder: string
  let network: LocalNetwork | undefined
  let hosts: Host[]
  let peers: Peer[]

  before(async function () {
    folder = await temporaryFolder()

    try {
      network = await LocalNetwork.create(3, folder)
      hosts = network.hosts
    } catch (err) {
      if (!(err instanceof NoHostsError)) {
        throw err
      }

      console.log(`    skipped, this machine allows no hosts within: ${err.message}`)
      this.skip()
    }
  })

  after(async () => {
    await killAll()
    await network?.remove()
    await removeFolder(folder)
  })

  it('join with the command that is printed for another host, and all know all', async () => {
    const first = await startPeer(hosts[0], ['--bootstrap', '--profile', 'local'])
    const second = await startPeer(hosts[1], await commandForOthers(first))
    const third = await startPeer(hosts[2], await commandForOthers(second))
    peers = [first, second, third]

    assert.match(first.command.stdout, new RegExp(`another host:\n {2}.*/ip4/${hosts[0].ip}/tcp/`))
    await allKnow(peers)
  })

  it('tell addresses of each other at which they can be reached from there', async () => {
    for (const { host, home } of peers) {
      const { sampling } = await statusOf(home)
      const addresses = sampling.view.flatMap(member => member.addresses)
      const endpoints = addresses.map(address => {
        const [, , ip, , port] = address.split('/')
        return { host: ip, port: Number(port) }
      })

      const others = hosts.filter(other => other !== host).map(other => other.ip)
      assert.deepEqual([...new Set(endpoints.map(endpoint => endpoint.host))].sort(), others, addresses.join())
      assert.ok(await host.reaches(endpoints), `${host.ip} cannot reach ${addresses.join()}`)
    }
  })

  it('are healthy, says the doctor', async () => {
    const { code, stdout } = await hosts[1].run(['doctor', '--json'])
    const { troubles, facts }: Diagnosis = JSON.parse(stdout)

    assert.deepEqual(troubles, [])
    assert.equal(code, 0)
    assert.deepEqual(facts.own, [hosts[1].ip])
    assert.deepEqual(facts.members.flat().sort(), [hosts[0].ip, hosts[2].ip])
    assert.deepEqual(
      facts.answers.map(({ tried, reachable }) => ({ tried, reachable })),
      [
        { tried: true, reachable: true },
        { tried: true, reachable: true }
      ]
    )
  })

  it('have a doctor that knows why nobody can call one that listens on loopback only', async () => {
    const home = join(folder, 'shy')
    const args = await commandForOthers(peers[0])
    const shy = await startPeer(hosts[2], [...args, '--home', home, '--listen', '/ip4/127.0.0.1/tcp/0'], home)
    await shy.command.says(/joined through/)
    await eventually(async () => (await statusOf(home)).sampling.viewSize === 3, { what: 'it knows all' })
    const { code, stdout } = await hosts[2].run(['doctor', '--json', '--home', home])
    await shy.command.endBy('SIGTERM')
    const { troubles }: Diagnosis = JSON.parse(stdout)

    assert.deepEqual(
      troubles.map(({ name }) => name),
      ['not-reachable']
    )
    assert.equal(code, 1)
    await allKnow(peers)
  })

  it('lose a host that is cut off, and take it back when it returns', async () => {
    const ids = await Promise.all(peers.map(async ({ home }) => (await statusOf(home)).peerId))
    await hosts[2].pullOut()
    await eventually(
      async () => {
        const [first, second, third] = await views(peers)
        return first.join() === ids[1] && second.join() === ids[0] && third.length === 0
      },
      { deadline: 40_000, what: 'the cut is seen on both sides' }
    )
    await peers[2].command.says(/alone: nobody answers/)

    await hosts[2].plugIn()
    await allKnow(peers)
  })

  it('find each other by multicast DNS, with nothing said of where the others are', async () => {
    await Promise.all(peers.map(async ({ command }) => await command.endBy('SIGKILL')))
    const args = (home: string) => ['--mdns', '--profile', 'local', '--home', home]
    peers = await Promise.all(
      hosts.map(async host => {
        const home = join(host.userHome, 'by-mdns')
        return await startPeer(host, args(home), home)
      })
    )

    await allKnow(peers)
    assert.deepEqual(
      peers.map(({ command }) => command.stderr),
      ['', '', '']
    )
  })
})

/** Starts a peer and waits until it is up. */
async function startPeer(host: Host, args: string[], home = join(host.userHome, '.gossip-peer')): Promise<Peer> {
  const command = host.start(args)
  await command.says(/other hosts? ?.*\n/)
  return { host, command, home }
}

/** What follows `npx gossip-peer` in the command that a peer prints for other hosts. */
async function commandForOthers({ command }: Peer): Promise<string[]> {
  return (await command.says(/another host:\n {2}npx gossip-peer (.*)\n/))[1].split(' ')
}

async function statusOf(home: string): Promise<PeerStatus> {
  return (await openControl(home).get('/status')) as PeerStatus
}

async function views(peers: Peer[]): Promise<string[][]> {
  const statuses = await Promise.all(peers.map(({ home }) => statusOf(home)))
  return statuses.map(({ sampling }) => sampling.view.map(({ peerId }) => peerId).sort())
}

/** Waits until everybody's view holds everybody else and nobody besides. */
async function allKnow(peers: Peer[]): Promise<void> {
  const ids = await Promise.all(peers.map(async ({ home }) => (await statusOf(home)).peerId))
  const expected = ids.map(id => ids.filter(other => other !== id).sort())
  await eventually(async () => JSON.stringify(await views(peers)) === JSON.stringify(expected), {
    deadline: 40_000,
    what: 'every view holds the others'
  })
}
