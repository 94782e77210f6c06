import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

/** The commands that join a peer. */
export interface JoinCommands {
  /** In a second terminal of the same host, whatever home the peer has. */
  here: string | undefined
  /** On another host; undefined when no address can be reached from there. */
  elsewhere: string | undefined
}

/**
 * The exact commands that join a peer at these addresses.
 *
 * @param shared arguments that the newcomer should have too
 */
export function joinCommands(addresses: string[], shared: string[] = []): JoinCommands {
  const loopback = addresses.find(address => reachOf(address) === 'host')
  const others = addresses.filter(address => reachOf(address) === 'others')
  // What a person on another host can most likely use and read: IPv4 goes first.
  const outside = others.find(address => !address.startsWith('/ip6/')) ?? others[0]
  const command = (flags: string[], address: string | undefined) =>
    address == null ? undefined : ['npx gossip-peer', ...flags, '--bootstrap', address, ...shared].join(' ')

  return {
    // The home of this user on this host is taken by the peer that prints the command, so the newcomer has none.
    here: command(['--ephemeral'], loopback ?? outside),
    elsewhere: command([], outside)
  }
}

/**
 * Where this host reaches a peer that announces other addresses than those it listens on. Those on a port that the system
 * chose are left out: it is not known here.
 */
export function loopbackOf(listen: Multiaddr[], peerId: string): string[] {
  return listen.flatMap(address => {
    const [host, { value: port }] = address.getComponents()
    const isReached = host.name === 'ip4' && (host.value === '0.0.0.0' || host.value?.startsWith('127.') === true)
    return isReached && port !== '0' ? [`/ip4/127.0.0.1/tcp/${port}/p2p/${peerId}`] : []
  })
}

/** From where an address can be dialled: by this host only, by others, or by nobody without more knowledge. */
function reachOf(address: string): 'host' | 'others' | 'link' {
  const [{ name, value = '' }] = multiaddr(address).getComponents()

  if ((name === 'ip4' && value.startsWith('127.')) || (name === 'ip6' && value === '::1') || value === 'localhost') {
    return 'host'
  }

  // A link-local address needs the name of the reader's own network interface.
  return (name === 'ip4' && value.startsWith('169.254.')) || (name === 'ip6' && /^fe[89ab]/i.test(value))
    ? 'link'
    : 'others'
}
