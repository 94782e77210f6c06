import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, type Multiaddr } from '@multiformats/multiaddr'

/** Somebody to enter a network through. */
export interface Contact {
  /** Absent when an address was given without the peer's id; whoever answers there is then taken. */
  id?: PeerId
  multiaddrs: Multiaddr[]
}

/** The addresses as contacts: those of the same peer are tried together. */
export function contactsOf(multiaddrs: Multiaddr[]): Contact[] {
  const contacts = new Map<string, Contact>()

  for (const multiaddr of multiaddrs) {
    const id = multiaddr.getComponents().findLast(component => component.code === CODE_P2P)?.value
    const key = id ?? multiaddr.toString()
    const contact =
      contacts.get(key) ?? (id == null ? { multiaddrs: [] } : { id: peerIdFromString(id), multiaddrs: [] })
    contact.multiaddrs.push(multiaddr)
    contacts.set(key, contact)
  }

  return [...contacts.values()]
}

/** The contacts, each peer once, with all its addresses. Those that come first stay first. */
export function mergeContacts(contacts: Contact[]): Contact[] {
  const merged = new Map<string | Contact, Contact>()

  for (const contact of contacts) {
    const key = contact.id?.toString() ?? contact
    const multiaddrs = [...(merged.get(key)?.multiaddrs ?? []), ...contact.multiaddrs]
    merged.set(key, { ...contact, multiaddrs })
  }

  return [...merged.values()]
}

/** The contact's addresses as libp2p dials them, with the peer's id where it is known. */
export function dialTargets({ id, multiaddrs }: Contact): Multiaddr[] {
  return id == null
    ? multiaddrs
    : multiaddrs.map(address => address.decapsulateCode(CODE_P2P).encapsulate(`/p2p/${id}`))
}
