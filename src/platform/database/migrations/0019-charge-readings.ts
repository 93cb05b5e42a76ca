import { Migration } from '@mikro-orm/migrations';

/** How far each provider was asked what messages were charged. */
export class ChargeReadings extends Migration {
  override up(): void {
    this.addSql(`
      create table charge_readings (
        provider text not null,
        delay_seconds integer not null,
        read_until timestamptz(3) not null,
        window_end timestamptz(3),
        page text,
        next_at timestamptz(3) not null,
        primary key (provider, delay_seconds)
      )`);
    this.addSql(`comment on column charge_readings.delay_seconds is 'how long after messages went out it asks'`);
    this.addSql(`comment on column charge_readings.read_until is 'by the time at which the provider sent them'`);
    this.addSql(
      `comment on column charge_readings.page is 'of the window from read_until to window_end: where it goes on, in the words of the provider'`,
    );
  }
}
