import 'reflect-metadata';
import { registerEnumType } from 'type-graphql';
import { Intent } from '../../consent/intent.js';
import { ConversationState } from '../conversation.row.js';
import { AutomaticAnswer, InboundReview } from '../inbound.row.js';

registerEnumType(ConversationState, {
  name: 'ConversationState',
  valuesConfig: { CLOSED: { description: 'Done with; the next message of the person opens it again' } },
});

registerEnumType(Intent, {
  name: 'InboundIntent',
  description: 'What a message asks for. Keywords are understood in en, ar, hi, es and fr',
  valuesConfig: {
    OPT_OUT: {
      description:
        'STOP and its kin: the address gets nothing more on this channel, and the person’s other addresses nothing that needs a consent',
    },
    OPT_IN: { description: 'START, or YES to an opt-in question' },
    HELP: { description: 'Is answered by itself' },
    CONFIRM: { description: 'YES, where no opt-in was asked for' },
    CANCEL: { description: 'CANCEL to an appointment that was asked about, or in words: "cancel my appointment"' },
    OTHER: { description: 'Anything else' },
  },
});

registerEnumType(AutomaticAnswer, {
  name: 'AutomaticAnswer',
  description: 'What the program itself answered',
  valuesConfig: {
    NONE: { description: 'There was nothing to answer, or nobody: the address has been taken from the person since' },
    SENT: { description: 'The message with the reference "inbound:<id>"' },
    BY_PROVIDER: { description: 'The provider has answered' },
    ALREADY_SENT: { description: 'A repeated STOP: the first was confirmed' },
    HELD_BACK: { description: 'The sender writes like a program, or had as many answers within the hour as one gets' },
  },
});

registerEnumType(InboundReview, {
  name: 'InboundReview',
  description: 'Whether a message may be an opt-out that only a person can tell',
  valuesConfig: {
    NEEDED: { description: 'Somebody has to read it' },
    OPT_OUT: { description: 'Somebody found that it is one' },
    NO_OPT_OUT: { description: 'Somebody found that it is none' },
  },
});
