import { eventually } from './eventually.js';
import { expect } from 'vitest';
import { given } from './given.js';
import type { TestApi } from './gql.js';
import { hears } from './incoming.js';
import { people, REQUEST_OPT_IN } from './contacts.js';
import type { TestApp } from './test-app.js';
import { csv, upload } from './upload.js';

export const EXPORT = `mutation ($contact: ContactRefInput!) { exportContact(contact: $contact) { data userErrors { code message field } } }`;
const ERASE = `mutation ($contact: ContactRefInput!) {
  eraseContact(contact: $contact) { erased messages inboundMessages userErrors { code message field } }
}`;

/** As Heliograph comes to know it, everywhere at once. */
export const PERSON = {
  name: 'Nadia Example',
  phone: '+14155550133',
  email: 'nadia@example.org',
  externalId: 'patient-77102',
  body: 'Bring your own towel',
  media: 'https://media.example.org/towel.jpg',
  reference: 'visit-30933',
  statement: 'I am happy to hear of towels',
  evidence: 'desk-seven',
  answer: 'Which colour may it be?',
  photo: 'https://media.example.org/answer.jpg',
};

export const TEXTS: readonly string[] = [...Object.values(PERSON), PERSON.phone.slice(1)];

export const erase = async (api: TestApi, contact: Record<string, unknown>): Promise<any> =>
  (await api.mutate(ERASE, { contact })).eraseContact;

const QUESTION = `${PERSON.statement}, and of soap`;

/** A person of whom every table that holds something of people has a row. */
export async function knownPerson(run: TestApp): Promise<any> {
  const { api } = run;
  const { name, phone, email, externalId, body, media, reference, statement, evidence } = PERSON;
  const contact = await people.contact(api, { name, phone, email, externalId, language: 'en', timeZone: 'Asia/Riyadh' });
  const ref = { id: contact.id };
  await people.grant(api, ref, { categories: ['MARKETING'], statement, evidence: { at: evidence } });
  await api.mutate(REQUEST_OPT_IN, { input: { contact: ref, channel: 'SMS', categories: ['SERVICE'], statement: QUESTION } });
  await given.delivered(api, { to: phone, body, mediaUrls: [media], reference });
  await given.delivered(api, { to: phone, body });
  await hears(run, PERSON.answer, { from: phone, mediaUrls: [PERSON.photo] });
  await people.withdraw(api, ref, { categories: ['UTILITY'], statement });
  const { body: told } = await upload(api, csv('to', phone, externalId));
  expect(told.rejected).toBeGreaterThan(0);
  const statuses = 'query ($id: ID!) { contact(ref: { id: $id }) { messages { nodes { status } } } }';
  await eventually(async () => {
    const { nodes } = (await api.query(statuses, { id: contact.id })).contact.messages;
    expect(nodes).toEqual([{ status: 'DELIVERED' }, { status: 'DELIVERED' }, { status: 'DELIVERED' }]);
  });
  return contact;
}
