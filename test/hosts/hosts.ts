import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { COMMAND, type Ended, endOf, RunningCommand } from '../support/command.ts'

/** Namespaces with this name are ours; after it comes the process that made them. */
const PREFIX = 'gossip-peer-test-'

/** The network interface of a host, and the bridge that they all hang on. */
const INTERFACE = 'lan0'
const BRIDGE = 'bridge0'

/** First 24 bits of the addresses. */
const NETWORK = '10.77.0'

/** Why this machine cannot have hosts in it. */
export class NoHostsError extends Error {
  override readonly name = 'NoHostsError'
}

/**
 * Hosts within this machine, on one local network: Linux network namespaces with an address each, plugged into a bridge.
 * The bridge has a namespace of its own, so that nothing changes for the machine itself.
 */
export class LocalNetwork {
  readonly hosts: Host[]
  private readonly middle: string

  private constructor(middle: string, hosts: Host[]) {
    this.middle = middle
    this.hosts = hosts
  }

  /**
   * @param folder - where the hosts keep their files, each in a folder of its own
   * @throws NoHostsError when the machine does not allow it
   */
  static async create(count: number, folder: string): Promise<LocalNetwork> {
    await checkMachine()
    await removeLeftOvers()
    const middle = `${PREFIX}${process.pid}-middle`
    const hosts = Array.from({ length: count }, (_, i) => {
      const name = `host${i + 1}`
      const ip = `${NETWORK}.${i + 1}`
      return new Host({
        namespace: `${PREFIX}${process.pid}-${name}`,
        middle,
        port: name,
        ip,
        home: join(folder, name)
      })
    })

    try {
      await ip('netns', 'add', middle)
      await ip('-n', middle, 'link', 'add', 'dev', BRIDGE, 'type', 'bridge')
      await ip('-n', middle, 'link', 'set', 'dev', BRIDGE, 'up')

      for (const host of hosts) {
        await host.setUp()
      }
    } catch (err) {
      await removeNamespaces(process.pid)
      throw err
    }

    return new LocalNetwork(middle, hosts)
  }

  /** Kills what still runs on the hosts, and removes them. */
  async remove(): Promise<void> {
    await Promise.all(this.hosts.map(host => host.turnOff()))
    await ip('netns', 'delete', this.middle)
  }
}

interface HostInit {
  namespace: string
  /** The namespace of the bridge, and the host's plug there. */
  middle: string
  port: string
  ip: string
  home: string
}

/** One of the hosts. Its files are in the same file system as everybody's, so that tests can look at them. */
export class Host {
  readonly ip: string
  /** The home directory of its user. */
  readonly userHome: string
  private readonly namespace: string
  private readonly middle: string
  private readonly port: string

  constructor({ namespace, middle, port, ip, home }: HostInit) {
    this.namespace = namespace
    this.middle = middle
    this.port = port
    this.ip = ip
    this.userHome = home
  }

  async setUp(): Promise<void> {
    const { namespace, middle, port } = this
    await ip('netns', 'add', namespace)
    await ip('link', 'add', 'dev', INTERFACE, 'netns', namespace, 'type', 'veth', 'peer', 'name', port, 'netns', middle)
    await ip('-n', middle, 'link', 'set', 'dev', port, 'up')
    await ip('-n', namespace, 'address', 'add', `${this.ip}/24`, 'dev', INTERFACE)
    await ip('-n', namespace, 'link', 'set', 'dev', 'lo', 'up')
    await ip('-n', namespace, 'link', 'set', 'dev', INTERFACE, 'up')
    await ip('-n', namespace, 'route', 'add', '224.0.0.0/4', 'dev', INTERFACE)
    await this.plugIn()
  }

  async plugIn(): Promise<void> {
    await ip('-n', this.middle, 'link', 'set', 'dev', this.port, 'master', BRIDGE)
  }

  /** As if somebody pulled the cable out of the switch: the host itself notices nothing but silence. */
  async pullOut(): Promise<void> {
    await ip('-n', this.middle, 'link', 'set', 'dev', this.port, 'nomaster')
  }

  /** Starts the command on this host. */
  start(args: string[]): RunningCommand {
    return this.#node([COMMAND, ...args])
  }

  /** Runs the command on this host to its end. */
  async run(args: string[]): Promise<Ended> {
    return await endOf(this.start(args))
  }

  /** Whether all of these can be connected to from this host. */
  async reaches(endpoints: Array<{ host: string; port: number }>): Promise<boolean> {
    const probe = `${JSON.stringify(endpoints)}.forEach(to => require('net').connect(to, function () { this.destroy() }))`
    return (await endOf(this.#node(['--eval', probe]))).code === 0
  }

  async turnOff(): Promise<void> {
    await removeNamespace(this.namespace)
  }

  /** The process that `ip` becomes is node: signals reach it. */
  #node(args: string[]): RunningCommand {
    return new RunningCommand('ip', ['netns', 'exec', this.namespace, process.execPath, ...args], {
      userHome: this.userHome
    })
  }
}

async function ip(...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)('ip', args)).stdout
  } catch (err) {
    const { stderr = '', message } = err as Error & { stderr?: string }
    throw new Error(`ip ${args.join(' ')}: ${stderr.trim() || message}`, { cause: err })
  }
}

/**
 * Tries what hosts are made of: namespaces, pairs of network interfaces, a bridge, and a command within.
 *
 * @throws NoHostsError
 */
async function checkMachine(): Promise<void> {
  const trial = `${PREFIX}${process.pid}-trial`

  try {
    await ip('-Version')
  } catch {
    throw new NoHostsError('there is no ip command here (it comes with iproute2)')
  }

  if (process.getuid?.() !== 0) {
    throw new NoHostsError('only root can make network namespaces')
  }

  try {
    await ip('netns', 'add', trial)
    await ip('-n', trial, 'link', 'add', 'dev', BRIDGE, 'type', 'bridge')
    await ip('-n', trial, 'link', 'add', 'dev', 'a', 'type', 'veth', 'peer', 'name', 'b')
    await ip('netns', 'exec', trial, process.execPath, '--version')
  } catch (err) {
    throw new NoHostsError(err instanceof Error ? err.message : String(err))
  } finally {
    await removeNamespace(trial).catch(() => {})
  }
}

/** Removes the hosts of test runs that were killed. */
async function removeLeftOvers(): Promise<void> {
  for (const name of await namespaces()) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0])

    if (pid === process.pid || !isRunning(pid)) {
      await removeNamespace(name)
    }
  }
}

async function removeNamespaces(pid: number): Promise<void> {
  for (const name of await namespaces()) {
    if (name.startsWith(`${PREFIX}${pid}-`)) {
      await removeNamespace(name)
    }
  }
}

/** Ours, of this run and of others. */
async function namespaces(): Promise<string[]> {
  const lines = (await ip('netns', 'list')).split('\n')
  return lines.map(line => line.split(' ')[0]).filter(name => name.startsWith(PREFIX))
}

async function removeNamespace(name: string): Promise<void> {
  for (const pid of (await ip('netns', 'pids', name)).split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // it has ended by itself
    }
  }

  await ip('netns', 'delete', name)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (err) {
    return (err as NodeJS.ErrnoException).code === 'EPERM'
  }
}
