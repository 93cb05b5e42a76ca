import { Migration } from '@mikro-orm/migrations';

/**
 * Who may be messaged. Everything that decides about a send is found by the keyed hash of an address (`address_hash`, made
 * like `messages.to_hash`), so that a message needs no contact to be stopped, and an opt-out outlives the person's data.
 */
export class People extends Migration {
  override up(): void {
    this.addSql(`
      create table contacts (
        id uuid primary key,
        tenant_id uuid not null references tenants (id),
        external_id text,
        sealed bytea,
        language text,
        time_zone text,
        created_at timestamptz(3) not null default now(),
        updated_at timestamptz(3) not null default now(),
        erased_at timestamptz(3),
        merged_into uuid references contacts (id)
      )`);
    this.addSql('create unique index contacts_external on contacts (tenant_id, external_id) where external_id is not null');
    this.addSql('create index contacts_tenant on contacts (tenant_id, id)');
    this.addSql('create index contacts_merged on contacts (merged_into) where merged_into is not null');

    // A scope is the sender account that an address is only known to (WhatsApp user ids); '' where it is known to all.
    // The channel says what kind of address it is: a number stands once, as SMS, whatever it is reached by.
    this.addSql(`
      create table contact_identities (
        id uuid primary key,
        tenant_id uuid not null,
        contact_id uuid not null references contacts (id),
        channel text not null,
        scope text not null default '',
        address_hash bytea not null,
        sealed bytea not null,
        created_at timestamptz(3) not null default now(),
        named_at timestamptz(3) not null default now(),
        last_seen_at timestamptz(3),
        unique (tenant_id, address_hash, scope)
      )`);
    this.addSql('create index contact_identities_contact on contact_identities (contact_id)');

    this.addSql(`
      create table consents (
        contact_id uuid not null references contacts (id),
        tenant_id uuid not null,
        channel text not null,
        category text not null,
        state text not null check (state in ('NONE', 'PENDING', 'GRANTED', 'WITHDRAWN')),
        source text,
        event_id uuid,
        updated_at timestamptz(3) not null,
        expires_at timestamptz(3),
        primary key (contact_id, channel, category)
      )`);
    this.addSql('create index consents_state on consents (tenant_id, state, contact_id)');
    // One chain per contact: each row's hash covers the row before it. What is personal in a row is sealed, and the chain
    // covers its digest, so that erasing the person leaves the chain whole.
    this.addSql(`
      create table consent_events (
        id uuid primary key,
        tenant_id uuid not null,
        contact_id uuid not null references contacts (id),
        sequence integer not null,
        channel text not null,
        category text not null,
        from_state text not null,
        to_state text not null,
        source text not null,
        actor text,
        at timestamptz(3) not null,
        expires_at timestamptz(3),
        sealed bytea,
        sealed_digest bytea not null,
        hash bytea not null,
        unique (tenant_id, contact_id, sequence)
      )`);
    this.addSql(`
      create function refuse_consent_change() returns trigger language plpgsql as $$
      begin
        if tg_op = 'UPDATE' and (to_jsonb(new) - 'sealed') = (to_jsonb(old) - 'sealed') then return new; end if;
        raise exception '% is append-only', tg_table_name;
      end $$`);
    this.addSql(`
      create trigger consent_events_append_only before update or delete on consent_events
      for each row execute function refuse_consent_change()`);
    this.addSql(`
      create trigger consent_events_keep before truncate on consent_events
      for each statement execute function refuse_change()`);

    // Opt-outs by address: what STOP, the provider, or a withdrawal set. They outlive the contact.
    this.addSql(`
      create table suppressions (
        tenant_id uuid not null,
        address_hash bytea not null,
        channel text not null,
        category text not null,
        source text not null,
        at timestamptz(3) not null,
        primary key (tenant_id, address_hash, channel, category)
      )`);
    this.addSql(`comment on column suppressions.category is '* for every category'`);

    this.addSql(`
      create table preferences (
        contact_id uuid not null references contacts (id),
        tenant_id uuid not null,
        topic text not null,
        channel text not null,
        enabled boolean not null,
        updated_at timestamptz(3) not null,
        primary key (contact_id, topic, channel)
      )`);

    this.addSql(`
      create table opt_in_requests (
        id uuid primary key,
        tenant_id uuid not null,
        contact_id uuid not null references contacts (id),
        channel text not null,
        categories text[] not null,
        sealed bytea not null,
        address_hash bytea not null,
        token_hash bytea not null unique,
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        answered_at timestamptz(3)
      )`);
    this.addSql('create index opt_in_requests_open on opt_in_requests (tenant_id, address_hash, channel) where answered_at is null');

    // A withdrawal holds its addresses alone, a claim holds those of its messages together with other claims: a claim that
    // began first ends first, and one that begins later sees the withdrawal. 64 places a tenant, because a lock for each
    // address would fill the lock table.
    this.addSql(`
      create function address_place(tenant uuid, address bytea) returns bigint language sql immutable as $$
        select hashtextextended(tenant::text || get_byte(address, 0) % 64, 7)
      $$`);

    this.addSql(`
      create table conversations (
        id uuid primary key,
        tenant_id uuid not null references tenants (id),
        contact_id uuid not null references contacts (id),
        channel text not null,
        state text not null check (state in ('OPEN', 'CLOSED')),
        assignee text,
        unread_count integer not null default 0,
        last_activity_at timestamptz(3) not null,
        session_expires_at timestamptz(3),
        created_at timestamptz(3) not null,
        unique (tenant_id, contact_id, channel)
      )`);
    this.addSql('create index conversations_activity on conversations (tenant_id, last_activity_at, id)');

    this.addSql(`
      create table inbound_messages (
        id uuid primary key,
        tenant_id uuid not null,
        conversation_id uuid not null references conversations (id),
        contact_id uuid not null references contacts (id),
        channel text not null,
        provider text not null,
        provider_message_id text not null,
        intent text not null,
        from_hash bytea not null,
        sealed bytea,
        received_at timestamptz(3) not null,
        unique (provider, provider_message_id)
      )`);
    this.addSql('create index inbound_messages_conversation on inbound_messages (conversation_id, id)');
    this.addSql('create index inbound_messages_contact on inbound_messages (contact_id, id)');
    this.addSql('create index inbound_messages_tenant on inbound_messages (tenant_id, id)');
  }
}
