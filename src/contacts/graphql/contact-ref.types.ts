import 'reflect-metadata';
import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'A contact, by exactly one of these' })
export class ContactRefInput {
  @Field(() => ID, { nullable: true, description: 'Of a contact that was merged into another: that other one' })
  id?: string | null;

  @Field(() => String, { nullable: true, description: "The id in the caller's own system" })
  externalId?: string | null;

  @Field(() => String, { nullable: true, description: 'Any number of the contact, written as in a send' })
  phone?: string | null;

  @Field(() => String, { nullable: true, description: 'Any email address of the contact' })
  email?: string | null;
}
