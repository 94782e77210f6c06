import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

// Readers like those in values.ts, of what libp2p has to be loaded for.

function readMultiaddr(text: string, example: string): Multiaddr {
  let address: Multiaddr

  try {
    address = multiaddr(text)
  } catch {
    throw new Error(`"${text}" is not a multiaddr (example: ${example})`)
  }

  const names = address.getComponents().map(({ name }) => name)

  if (names.length === 0) {
    throw new Error(`"${text}" is not a multiaddr (example: ${example})`)
  }

  if (names[0] !== 'dnsaddr' && (names[1] !== 'tcp' || names.slice(2).some(name => name !== 'p2p'))) {
    throw new Error(`"${text}" is not a TCP address (example: ${example})`)
  }

  return address
}

/** An address to listen on or to announce: `/ip4/0.0.0.0/tcp/4001`. */
export function listenAddress(text: string): Multiaddr {
  const address = readMultiaddr(text, '/ip4/0.0.0.0/tcp/4001')
  const host = address.getComponents()[0].name

  if (!['ip4', 'ip6'].includes(host)) {
    throw new Error(`"${text}" is not an IP address with a port (example: /ip4/0.0.0.0/tcp/4001)`)
  }

  return address
}

/** An address to announce: like one to listen on, but a name will do, and a port that can be dialled is needed. */
export function announceAddress(text: string): Multiaddr {
  const address = readMultiaddr(text, '/ip4/203.0.113.7/tcp/4001')
  const port = address.getComponents().find(({ name }) => name === 'tcp')?.value

  if (port == null || port === '0') {
    throw new Error(`"${text}" has no port that others can dial (example: /ip4/203.0.113.7/tcp/4001)`)
  }

  return address
}

/** A peer id: `12D3KooW...`. */
export function peerId(text: string): string {
  try {
    return peerIdFromString(text).toString()
  } catch {
    throw new Error(`"${text}" is not a peer id (example: 12D3KooWK1nq4vnMDQEAY6Wpfrc6z1HGXyoGVXUDN4vR5CkyzkX6)`)
  }
}

/**
 * The address of a member: `/ip4/192.168.1.5/tcp/4001/p2p/12D3KooW...`. Without a peer id, whoever answers there is taken:
 * good where nobody can know the id beforehand, as with containers that start together.
 */
export function memberAddress(text: string): Multiaddr {
  const example = '/ip4/192.168.1.5/tcp/4001/p2p/12D3KooW...'
  const address = readMultiaddr(text, example)
  const components = address.getComponents()
  const id = components.find(({ name }) => name === 'p2p')?.value

  if (components.find(({ name }) => name === 'tcp')?.value === '0') {
    throw new Error(`"${text}" has port 0, where nobody can be (example: ${example})`)
  }

  try {
    if (id != null) {
      peerIdFromString(id)
    }
  } catch {
    throw new Error(`"${text}": "${id}" is not a peer id (example: ${example})`)
  }

  return address
}
