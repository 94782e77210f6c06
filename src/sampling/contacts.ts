import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, type Multiaddr } from '@multiformats/multiaddr'
import type { Contact } from '../live/connect.ts'

/** The addresses as contacts: those of the same peer are tried together. */
export function contactsOf(multiaddrs: Multiaddr[]): Contact[] {
  const contacts = new Map<string, Contact>()

  for (const multiaddr of multiaddrs) {
    const last = multiaddr.getComponents().at(-1)
    const id = last?.code === CODE_P2P ? last.value : undefined
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
