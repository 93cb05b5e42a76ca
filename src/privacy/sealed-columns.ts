import { KEYRING_CONTEXT } from '../platform/encryption/index-key.js';

/** A column that holds sealed values. */
export interface SealedColumn {
  table: string;
  column: string;
  /** What names a row, and the order in which rows are gone through. */
  key: readonly { name: string; type: string }[];
  /** SQL for what the value is sealed for; `t` is the table. */
  context: string;
}

const ID = [{ name: 'id', type: 'uuid' }] as const;
const OF_TENANT = 't.tenant_id::text';

/** All there are; a test compares them with the database. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'keyring', column: 'sealed', key: [{ name: 'name', type: 'text' }], context: `'${KEYRING_CONTEXT}'` },
  { table: 'contacts', column: 'sealed', key: ID, context: OF_TENANT },
  { table: 'contact_identities', column: 'sealed', key: ID, context: OF_TENANT },
  { table: 'consent_events', column: 'sealed', key: ID, context: OF_TENANT },
  { table: 'opt_in_requests', column: 'sealed', key: ID, context: OF_TENANT },
  { table: 'inbound_messages', column: 'sealed', key: ID, context: OF_TENANT },
  { table: 'erasures', column: 'sealed', key: ID, context: OF_TENANT },
  { table: 'messages', column: 'sealed', key: ID, context: OF_TENANT },
  { table: 'webhook_journal', column: 'sealed', key: ID, context: 't.provider' },
  {
    table: 'batch_upload_chunks',
    column: 'rejections',
    key: [
      { name: 'batch_id', type: 'uuid' },
      { name: 'last_recipient', type: 'int' },
    ],
    context: '(select b.tenant_id::text from batches b where b.id = t.batch_id)',
  },
];
