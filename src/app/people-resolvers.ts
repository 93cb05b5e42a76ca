import { ConsentReader } from '../consent/consent-reader.js';
import { ConsentLoaders } from '../consent/graphql/consent.loaders.js';
import { ConsentResolver } from '../consent/graphql/consent.resolver.js';
import { ConsentEventResolver, ConsentFieldsResolver, ContactConsentsResolver } from '../consent/graphql/contact-consents.resolver.js';
import { PreferencePageResolver } from '../consent/graphql/preference-page.resolver.js';
import { ContactLoaders } from '../contacts/graphql/contact.loaders.js';
import { ContactIdentityResolver, ContactResolver } from '../contacts/graphql/contact.resolver.js';
import { ContactMessageLoaders } from '../messages/graphql/contact-messages.loaders.js';
import { ContactMessagesResolver, MessageContactResolver } from '../messages/graphql/contact-messages.resolver.js';
import type { Core } from './build-core.js';

/** Of contacts and of what they have agreed to. */
export const PEOPLE_RESOLVERS = [
  ContactResolver,
  ContactIdentityResolver,
  ContactConsentsResolver,
  ConsentFieldsResolver,
  ConsentEventResolver,
  ConsentResolver,
  PreferencePageResolver,
  ContactMessagesResolver,
  MessageContactResolver,
] as const;

export function peopleResolvers({ people, optIns, sealer, contactMessages }: Core): object[] {
  const { contacts, consents, preferences, pages, reader } = people;
  const lists = new ContactMessageLoaders(contactMessages);
  const proofs = new ConsentReader(sealer);
  return [
    new ContactResolver(contacts, reader, new ContactLoaders(contacts)),
    new ContactIdentityResolver(reader),
    new ContactConsentsResolver(new ConsentLoaders(consents, preferences)),
    new ConsentFieldsResolver(proofs),
    new ConsentEventResolver(proofs),
    new ConsentResolver(consents, optIns, preferences),
    new PreferencePageResolver(pages),
    new ContactMessagesResolver(lists),
    new MessageContactResolver(lists),
  ];
}
