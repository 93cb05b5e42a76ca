import { randomUUID } from 'node:crypto';

/** As Twilio sends it: numbers as strings, RFC 2822 dates, no price at first. */
export interface TwilioMessage {
  sid: string;
  status: string;
  direction: string;
  to: string;
  from: string | null;
  body: string;
  num_segments: string;
  num_media: string;
  price: string | null;
  price_unit: string;
  error_code: number | null;
  error_message: string | null;
  date_created: string;
  date_sent: string | null;
  date_updated: string;
  messaging_service_sid: string | null;
  account_sid: string;
  api_version: string;
  uri: string;
}

export interface TwilioRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  form: URLSearchParams;
  headers: Record<string, string | string[] | undefined>;
  /** Equal for requests over one connection. */
  remotePort: number | undefined;
}

type TwilioAnswer = [status: number, body: object];

/** From the page about test credentials. */
const MAGIC_TO: Record<string, number> = {
  '+15005550001': 21211,
  '+15005550002': 21612,
  '+15005550003': 21408,
  '+15005550004': 21610,
  '+15005550009': 21614,
};
const MAGIC_FROM: Record<string, number> = { '+15005550001': 21212, '+15005550007': 21606, '+15005550008': 21611 };

/** What api.twilio.com keeps and answers for one account. */
export class TwilioAccount {
  /** By sid, in the order they were taken. */
  readonly messages = new Map<string, TwilioMessage>();
  /** Sids of what a message brought along, by its sid. */
  readonly media = new Map<string, string[]>();
  /** StatusCallback by sid. */
  readonly callbacks = new Map<string, string>();
  status = 'active';
  /** Calling codes of the countries that it may not send to. */
  readonly closed = new Set<string>();

  constructor(
    readonly sid: string,
    readonly authToken: string,
  ) {}

  answer(request: TwilioRequest): TwilioAnswer {
    const credentials = `Basic ${Buffer.from(`${this.sid}:${this.authToken}`).toString('base64')}`;
    if (request.headers.authorization !== credentials) return refusal(401, 20003);
    const path = request.path.replace(`/2010-04-01/Accounts/${this.sid}`, '');
    if (path === '.json') return [200, { sid: this.sid, friendly_name: 'Test', status: this.status, type: 'Full' }];
    if (path === '/Messages.json') return request.method === 'POST' ? this.#accept(request.form) : [200, this.#list(request)];
    const [, owner = '', piece] = /^\/Messages\/(\w+)\/Media(?:\/(\w+))?\.json$/.exec(path) ?? [];
    if (this.messages.has(owner)) return piece ? this.#dropMedia(owner, piece) : [200, this.#mediaOf(owner, request)];
    const message = this.messages.get(/^\/Messages\/(\w+)\.json$/.exec(path)?.[1] ?? '');
    if (!message) return refusal(404, 20404);
    return request.method === 'POST' ? change(message, request.form) : [200, message];
  }

  /** Takes a message without a look at it. */
  take(form: URLSearchParams): TwilioMessage {
    const media = form.getAll('MediaUrl').length;
    const sid = newSid(media > 0 ? 'MM' : 'SM');
    const now = rfc2822(new Date());
    // The words of an approved template are Twilio's.
    const body = form.get('Body') ?? (form.get('ContentSid') ? 'Approved words' : '');
    const message: TwilioMessage = {
      sid,
      status: 'queued',
      direction: 'outbound-api',
      to: form.get('To') ?? '',
      from: form.get('From') ?? '+15005550006',
      body,
      num_segments: segmentsOf(body),
      num_media: String(media),
      price: null,
      price_unit: 'USD',
      error_code: null,
      error_message: null,
      date_created: now,
      date_sent: null,
      date_updated: now,
      messaging_service_sid: form.get('MessagingServiceSid'),
      account_sid: this.sid,
      api_version: '2010-04-01',
      uri: `/2010-04-01/Accounts/${this.sid}/Messages/${sid}.json`,
    };
    this.messages.set(sid, message);
    this.media.set(
      sid,
      Array.from({ length: media }, () => newSid('ME')),
    );
    const callback = form.get('StatusCallback');
    if (callback) this.callbacks.set(sid, callback);
    return message;
  }

  #accept(form: URLSearchParams): TwilioAnswer {
    const code = [...this.closed].some((country) => form.get('To')?.startsWith(country)) ? 21408 : faultOf(form);
    // Like Twilio's, the text names the number: it must not come out on our side.
    if (code !== null) return refusal(code === 21611 ? 429 : 400, code, `The 'To' number ${form.get('To')} cannot be used`);
    const message = this.take(form);
    // With a Messaging Service the sender and the segments are not known yet.
    return [201, message.messaging_service_sid ? { ...message, from: null, num_segments: '0', status: 'accepted' } : message];
  }

  #mediaOf(sid: string, { path }: TwilioRequest): object {
    const media = (this.media.get(sid) ?? []).map((piece) => ({ sid: piece, parent_sid: sid, account_sid: this.sid }));
    return { media_list: media, page: 0, page_size: 50, next_page_uri: null, uri: path };
  }

  #dropMedia(sid: string, piece: string): TwilioAnswer {
    const kept = (this.media.get(sid) ?? []).filter((one) => one !== piece);
    this.media.set(sid, kept);
    return [204, {}];
  }

  #list({ path, query }: TwilioRequest): object {
    const size = Number(query.get('PageSize') ?? 50);
    const page = Number(query.get('Page') ?? 0);
    const found = Array.from(this.messages.values())
      .toReversed()
      .filter((message) => matches(message, query));
    const next = new URLSearchParams(query);
    next.set('Page', String(page + 1));
    return {
      messages: found.slice(page * size, (page + 1) * size),
      page,
      page_size: size,
      next_page_uri: found.length > (page + 1) * size ? `${path}?${next.toString()}` : null,
      uri: `${path}?${query.toString()}`,
    };
  }
}

export const rfc2822 = (date: Date): string => date.toUTCString().replace('GMT', '+0000');

export const newSid = (prefix: string): string => prefix + randomUUID().replaceAll('-', '');

export const refusal = (status: number, code: number, message = 'Refused'): TwilioAnswer => [
  status,
  { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
];

function segmentsOf(body: string): string {
  const [single, joined] = /^[\n\r -~]*$/.test(body) ? [160, 153] : [70, 67];
  return String(body.length <= single ? 1 : Math.ceil(body.length / joined));
}

/** The first that holds is the answer. */
const FAULTS: readonly [code: number, holds: (form: URLSearchParams) => boolean][] = [
  [21604, (form) => !form.get('To')],
  [21603, (form) => !form.get('From') && !form.get('MessagingServiceSid')],
  [21602, (form) => !form.get('Body') && !form.get('MediaUrl') && !form.get('ContentSid')],
  [21617, (form) => (form.get('Body') ?? '').length > 1600],
  [21623, (form) => form.getAll('MediaUrl').length > 10],
  [21624, (form) => !/^\d+$/.test(form.get('ValidityPeriod') ?? '1') || Number(form.get('ValidityPeriod') ?? 1) > 36_000],
  [21609, (form) => !URL.canParse(form.get('StatusCallback') ?? 'https://none.example')],
];

function faultOf(form: URLSearchParams): number | null {
  const fault = FAULTS.find(([, holds]) => holds(form));
  return fault?.[0] ?? MAGIC_TO[form.get('To') ?? ''] ?? MAGIC_FROM[form.get('From') ?? ''] ?? null;
}

/** Redaction and cancelling. */
function change(message: TwilioMessage, form: URLSearchParams): TwilioAnswer {
  const status = form.get('Status');
  if (status === 'canceled' && message.status !== 'scheduled') return refusal(409, 30409);
  message.status = status ?? message.status;
  message.body = form.get('Body') ?? message.body;
  return [200, message];
}

function matches(message: TwilioMessage, query: URLSearchParams): boolean {
  const after = query.get('DateSent>');
  const before = query.get('DateSent<');
  // Filters by date leave out what is not sent yet, as Twilio's do.
  const sent = message.date_sent === null ? Number.NaN : Date.parse(message.date_sent);
  return (
    (query.get('To') ?? message.to) === message.to &&
    (query.get('From') ?? message.from) === message.from &&
    (after === null || sent >= Date.parse(after)) &&
    (before === null || sent <= Date.parse(before))
  );
}
