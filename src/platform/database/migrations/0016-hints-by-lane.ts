import { Migration } from '@mikro-orm/migrations';

/** Where a campaign falls due, a one-time code is found without reading through it. */
export class HintsByLane extends Migration {
  override up(): void {
    this.addSql(`create index messages_hint_of_lane on messages (lane, hint_at)
      where status in ('SCHEDULED', 'QUEUED') and hint_at is not null`);
    this.addSql('drop index messages_hint');
  }
}
