import 'reflect-metadata';
import { Field, InputType, ObjectType } from 'type-graphql';
import { ContactRefInput } from '../../contacts/graphql/contact-ref.types.js';
import { DateTime } from '../../graphql/scalars.js';
import { UserErrorType } from '../../graphql/user-errors.js';
import { Channel, MessageCategory } from '../../vocabulary.js';
import type { SendQuestion } from '../check-send.service.js';
import { PolicyCheckType } from './message.types.js';

@InputType()
export class SendCheckInput {
  @Field(() => ContactRefInput, { description: "By a phone number, that number is asked about: one of several of a person, or nobody's" })
  contact!: ContactRefInput;

  @Field(() => Channel)
  channel!: Channel;

  @Field(() => MessageCategory)
  category!: MessageCategory;

  @Field(() => String, { nullable: true, description: "For the person's preferences" })
  topic?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it would go out; left out: now' })
  at?: Date | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether it is a template with a reference at the provider: WhatsApp takes those at any time, free text only in an open session',
  })
  withTemplate!: boolean;
}

export const toSendQuestion = ({ contact, channel, category, topic, at, withTemplate }: SendCheckInput): SendQuestion => ({
  contact,
  channel,
  category,
  topic: topic ?? null,
  at: at ?? null,
  withTemplate,
});

@ObjectType('SendCheck', { description: 'May this be sent now, and if not, why? The same rules as a send, without sending' })
export class SendCheckType {
  @Field(() => Boolean, { description: 'False in quiet hours too, where a send is accepted and waits until notBefore' })
  allowed!: boolean;

  @Field(() => [UserErrorType], { description: 'Every rule that forbids it; a send is told the first' })
  reasons!: UserErrorType[];

  @Field(() => [PolicyCheckType], {
    description: 'Every rule, in the order in which they are asked; none where nobody could be asked about',
  })
  checks!: PolicyCheckType[];

  @Field(() => DateTime, { nullable: true, description: 'When quiet hours end, where they are the reason to wait' })
  notBefore!: Date | null;
}
