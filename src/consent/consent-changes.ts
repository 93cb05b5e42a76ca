import type { Transaction } from 'kysely';
import { isDeepStrictEqual } from 'node:util';
import type { Sealer } from '../platform/encryption/sealer.js';
import { newId } from '../platform/ids.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import { CHAIN_START, chainHash, openProof, sealProof, type ConsentProof } from './consent-chain.js';
import { chainEnds, consentsOf, insertConsentEvents, writeConsents, type PersonEvent, type StatedConsent } from './consent.queries.js';
import { isOwnWord, stateAt, type ConsentEventRow, type ConsentSource, type ConsentState } from './consent.row.js';

export interface ConsentChange {
  contactId: string;
  channel: Channel;
  category: MessageCategory;
  to: ConsentState;
  source: ConsentSource;
  actor: string | null;
  at: Date;
  expiresAt: Date | null;
  proof: ConsentProof;
}

const keyOf = ({ contactId, channel, category }: { contactId: string; channel: string; category: string }): string =>
  `${contactId} ${channel} ${category}`;

/**
 * The one place where consents are written, each with its event at the end of the contact's chain. The contacts are
 * locked by the caller of this: two writers would both continue from the same end. What changes nothing is left out, and of those
 * with a `history` also what was granted by it before.
 */
export async function applyConsentChanges(
  tx: Transaction<unknown>,
  sealer: Sealer,
  tenantId: string,
  changes: readonly ConsentChange[],
  history: readonly PersonEvent[] = [],
): Promise<ConsentEventRow[]> {
  const contactIds = [...new Set(changes.map(({ contactId }) => contactId))];
  if (contactIds.length === 0) return [];
  const consents = new Map((await consentsOf(tx, tenantId, contactIds)).map((consent) => [keyOf(consent), consent]));
  const ends = new Map((await chainEnds(tx, tenantId, contactIds)).map(({ contactId, ...end }) => [contactId, end]));
  const said = Map.groupBy(history, (event) => keyOf({ ...event, contactId: event.personId }));
  const events: ConsentEventRow[] = [];
  for (const change of changes) {
    const consent = consents.get(keyOf(change));
    if (consent && changesNothing(sealer, consent, change)) continue;
    if (consent && wasGranted(sealer, consent, said.get(keyOf(change)) ?? [], change)) continue;
    const { contactId } = change;
    const end = ends.get(contactId) ?? { sequence: 0, hash: CHAIN_START };
    const event = eventOf(sealer, tenantId, change, consent ? stateAt(consent, change.at) : 'NONE', end);
    events.push(event);
    ends.set(contactId, event);
    const { channel, category, toState: state, source, id: eventId, at: updatedAt, expiresAt, sealed } = event;
    consents.set(keyOf(change), { contactId, tenantId, channel, category, state, source, eventId, updatedAt, expiresAt, sealed });
  }
  if (events.length === 0) return [];
  await insertConsentEvents(tx, events);
  const written = new Set(events.map(keyOf));
  await writeConsents(
    tx,
    [...consents].flatMap(([key, consent]) => (written.has(key) ? [consent] : [])),
  );
  return events;
}

function eventOf(
  sealer: Sealer,
  tenantId: string,
  change: ConsentChange,
  fromState: ConsentState,
  end: { sequence: number; hash: Buffer },
): ConsentEventRow {
  const { contactId, channel, category, to: toState, source, actor, at, expiresAt } = change;
  const { sealed, sealedDigest } = sealProof(sealer, tenantId, change.proof);
  const sequence = end.sequence + 1;
  const states = { fromState, toState };
  const fields = { id: newId(), tenantId, contactId, sequence, channel, category, ...states, source, actor, at, expiresAt, sealedDigest };
  return { ...fields, sealed, hash: chainHash(end.hash, fields) };
}

/**
 * To withdraw twice says nothing new, unless the first was the person's own STOP, which START would take back. To grant
 * again does when it is granted for longer, or by other words.
 */
function changesNothing(sealer: Sealer, consent: StatedConsent, change: ConsentChange): boolean {
  const { to, at, source } = change;
  if (stateAt(consent, at) !== to) return false;
  if (to === 'WITHDRAWN') return !isOwnWord(consent.source) || isOwnWord(source);
  return to !== 'GRANTED' || saysTheSame(sealer, consent, change);
}

/** It is granted, and was so in these words already: to say them once more must not undo what was said since. */
function wasGranted(sealer: Sealer, consent: StatedConsent, said: readonly PersonEvent[], change: ConsentChange): boolean {
  const { to, at, source } = change;
  if (to !== 'GRANTED' || stateAt(consent, at) !== to) return false;
  return said.some((event) => event.toState === to && event.source === source && saysTheSame(sealer, event, change));
}

function saysTheSame(
  sealer: Sealer,
  known: Pick<ConsentEventRow, 'tenantId' | 'expiresAt' | 'sealed'>,
  { expiresAt, proof }: ConsentChange,
): boolean {
  if (known.expiresAt?.getTime() !== expiresAt?.getTime()) return false;
  const opened = openProof(sealer, known);
  // What comes from JSON is compared as JSON.
  const evidence = JSON.parse(JSON.stringify(proof.evidence)) as unknown;
  return (opened?.statement ?? null) === proof.statement && isDeepStrictEqual(opened?.evidence ?? null, evidence);
}
