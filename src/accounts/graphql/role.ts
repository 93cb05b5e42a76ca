import 'reflect-metadata';
import { registerEnumType } from 'type-graphql';
import { Role } from '../caller.js';

registerEnumType(Role, {
  name: 'Role',
  description: 'What a key may do',
  valuesConfig: {
    ADMIN: { description: 'Everything, keys and settings too' },
    OPERATOR: { description: 'Send, read everything, retry what failed; contacts, consent, templates, conversations' },
    SENDER: { description: 'Send, and follow single messages and batches by their ids; no lists, no figures' },
    VIEWER: { description: 'Read, personal data masked' },
  },
});

export { Role };
