import { isLoopback, isPrivate } from '@libp2p/utils'
import {
  CODE_DNS,
  CODE_DNS4,
  CODE_DNS6,
  CODE_DNSADDR,
  CODE_IP4,
  CODE_IP6,
  CODE_IP6ZONE,
  CODE_P2P,
  CODE_P2P_CIRCUIT,
  type Component,
  type Multiaddr,
  multiaddr
} from '@multiformats/multiaddr'

/** Bits that the addresses of one holder have in common: what one customer of a provider is usually given. Our choice,
 * as in Bitcoin (netgroups) and go-libp2p (IP diversity filter), but finer: they count by /16 of IPv4. */
const IP4_BLOCK = 24
const IP6_BLOCK = 48

/** Labels at the end of a name that are one registration. Under `co.uk` and the like that is too few: names there share. */
const NAME_LABELS = 2

/**
 * The address blocks of a peer, each once: of every address that leads to it from outside. Addresses of a private network
 * count only where there are no others: half the world is in 192.168.1.0/24. Loopback is no block at all: to others it
 * leads nowhere, and on one machine everybody has it.
 */
export function blocksOf(addresses: Multiaddr[]): string[] {
  const outer = addresses.filter(address => !isPrivate(address))
  const counted = outer.length > 0 ? outer : addresses.filter(address => !isLoopback(address))
  return [...new Set(counted.map(blockOf))]
}

/**
 * The block of an address: the /24 of an IPv4 address, the /48 of an IPv6 address, the last two labels of a name, of a
 * relayed address that of its relay. Any other kind of address (onion, unix, ...) is to be had for nothing in any number:
 * all of one kind are one block.
 */
export function blockOf(address: Multiaddr): string {
  const components = address.getComponents().filter(({ code }) => code !== CODE_IP6ZONE)
  const circuit = components.findIndex(({ code }) => code === CODE_P2P_CIRCUIT)
  const [host] = circuit === -1 ? components : components.slice(0, circuit)

  switch (host?.code) {
    case CODE_IP4:
    case CODE_IP6:
      return blockOfIp(host)
    case CODE_DNS:
    case CODE_DNS4:
    case CODE_DNS6:
    case CODE_DNSADDR:
      return blockOfName(host.value ?? '')
    case CODE_P2P:
      return `/p2p/${host.value}`
    default:
      return `/${host?.name ?? ''}`
  }
}

function blockOfIp({ name, value }: Component): string {
  // behind the code of the protocol, which is one byte
  const ip = multiaddr(`/${name}/${value}`).bytes.subarray(1)
  const mapped = ip.length === 16 && ip.subarray(0, 10).every(byte => byte === 0) && ip[10] === 0xff && ip[11] === 0xff
  const bytes = mapped ? ip.subarray(12) : ip
  const prefix = bytes.subarray(0, (bytes.length === 4 ? IP4_BLOCK : IP6_BLOCK) / 8)
  return bytes.length === 4
    ? `${prefix.join('.')}.0/${IP4_BLOCK}`
    : `${Array.from(prefix, byte => byte.toString(16).padStart(2, '0')).join('')}/${IP6_BLOCK}`
}

function blockOfName(name: string): string {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.')

  // an IP address in one of its many disguises (as the URL standard tells it from a name); no honest peer has one
  if (/^(\d+|0x[\da-f]*)$/.test(labels[labels.length - 1])) {
    return '/number'
  }

  return labels.slice(-NAME_LABELS).join('.')
}
