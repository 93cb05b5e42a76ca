import { describe, expect, test } from 'vitest';
import type { LintInput } from '../../src/templates/lint/lint-input.js';
import { lintTemplate } from '../../src/templates/lint/lint-template.js';
import type { TemplateIssue } from '../../src/templates/template-issue.js';

const lint = (
  body: string,
  { language = 'en', subject = null as string | null, ...given }: Partial<LintInput> & { language?: string; subject?: string | null } = {},
) =>
  lintTemplate({
    code: 'greeting',
    category: 'UTILITY',
    channels: ['SMS'],
    variables: [],
    translations: [{ language, channel: null, subject, body }],
    ...given,
  });

const shown = (issues: TemplateIssue[]): string[] => issues.map(({ severity, code }) => `${severity} ${code}`);
const found = (body: string, given?: Parameters<typeof lint>[1]): string[] => shown(lint(`{{ sender }}: ${body}`, given));

describe('health words', () => {
  test.each([
    ['a diagnosis', 'your diabetes check is at 9.'],
    ['a drug that no list has, by the stem of its name', 'your zavolumab is ready.'],
    ['a drug', 'take your metformin.'],
    ['a dose of anything', 'take two of 500 mg.'],
    ['a test', 'your MRI is at 9.'],
    ['what a test found', 'your swab is positive.'],
    ['a department that reveals a condition', 'oncology expects you at 9.'],
    ['a procedure', 'your chemotherapy is at 9.'],
    ['an ambiguous word in a medical sentence', 'the heart clinic expects you.'],
    ['a word that is written into a filter', '{{ kind | default: "dialysis" }} at 9.'],
    ['a word that is printed as it stands', '{% if a %}{{ "diabetes" }}{% endif %} at 9.'],
    ['a word that goes through a filter', "{{- 'HIV' | upcase }} at 9."],
    ['a word in two parts', '{{ "diab" | append: "etes" }} at 9.'],
    ['a word in three parts', '{% assign x = "bet" | append: "es" | prepend: "dia" %}{{ x }} at 9.'],
    ['a word behind a bar', '{{ x | default: "you | HIV" }} at 9.'],
    ['a word behind what is cut off', '{{ x | truncate: 8, " HIV test" }} at 9.'],
    ['a word behind words that are cut off', "{{ x | truncatewords: 1, ' has diabetes' }} at 9."],
    ['a word between the parts of a list', '{{ x | join: " HIV test " }} at 9.'],
    ['a word that a loop prints', '{% for x in "diabetes" %}{{ x }}{% endfor %} at 9.'],
    ['a value announced as one', 'Diagnosis: {{ x }}'],
  ])('%s is refused', (_what, body) => {
    expect(found(body)).toContain('ERROR PHI_HEALTH');
  });

  test.each([
    ['this is a test message.'],
    ['your results are ready.'],
    ['thank you for your positive feedback.'],
    ['our shop in the heart of the city.'],
    ['your prescription is ready.'],
    ['the diploma ceremony is in April.'],
    ['visual aids for teachers.'],
    ['2 TB of storage on a Retina display.'],
    ['three bar stools from Huntington in Manchuria.'],
    ['{{ "your visit" | append: " is" }} {{ at | date: "short" }}.'],
    ['{% if x == "HIV" %}see you{% endif %}.'],
    ['{% comment %} for the diabetes clinic {% endcomment %} see you at 9.'],
  ])('"%s" is fine', (body) => {
    expect(found(body)).toEqual([]);
  });

  test('words that mean something else in another language are fine there', () => {
    expect(found('le pain a bon gout, votre test est offert.', { language: 'fr' })).toEqual([]);
  });

  test.each([
    ['with article and particles', 'وبالسرطان'],
    ['with vowel signs and tatweel', 'السُّكَّــري'],
    ['without hamza', 'الايدز'],
    ['with a possessive', 'جراحتك'],
  ])('Arabic words are known %s', (_how, word) => {
    expect(found(`موعد ${word} غداً`, { language: 'ar' })).toContain('ERROR PHI_HEALTH');
  });

  test.each([
    ['a soft hyphen', 'en', 'your dia\u00adbetes check.'],
    ['a space of no width', 'en', 'your dia\u200bbetes check.'],
    ['a word joiner, in a value', 'en', '{{ "dia\u2060betes" }} at 9.'],
    ['a variation selector', 'en', 'your dia\ufe0fbetes check.'],
    ['joiners', 'hi', 'आपकी क\u200dैं\u200cसर जांच'],
    ['marks of direction', 'ar', 'موعد \u200fالسر\u200fطان\u200e غداً'],
  ])('words are known with %s in them', (_what, language, body) => {
    expect(found(body, { language })).toContain('ERROR PHI_HEALTH');
  });

  test('a word to everybody is only noted, unless a person is named', () => {
    expect(found('World Diabetes Day: free talks for everyone.')).toEqual(['INFO PHI_HEALTH']);
    expect(found('{{ name }}, World Diabetes Day: free talks for everyone.')).toContain('ERROR PHI_HEALTH');
  });

  test('the message says when a person is named beside it', () => {
    const [issue] = lint('{{ sender }}: {{ firstName }}, your HIV test is ready.');
    expect(issue).toMatchObject({ severity: 'ERROR', language: 'en', line: 1, message: expect.stringContaining("beside a person's name") });
  });
});

describe('identifiers', () => {
  test.each([
    ['social security', 'SSN 123-45-6789'],
    ['medical record', 'MRN 00482913'],
    ['medical record in a variable', 'medical record number {{ x }}'],
    ['medical record with a hyphen that nobody sees', 'M\u00adRN 0048\u00ad2913'],
    ['health plan', 'policy number 8834-22'],
    ['account', 'account number 4400123987'],
    ['licence', 'licence number D1234567'],
    ['vehicle', 'plate ABC 1234'],
    ['device', 'serial number SN-99823'],
    ['biometrics', 'fingerprint {{ x }}'],
    ['date of birth', 'born 12/03/1984'],
    ['date of admission', 'admitted on 2026-01-02'],
    ['date with its month in words', 'date of birth: 3 May 1980'],
    ['date with its month first', 'born on May 3rd'],
    ['date in Arabic', 'تاريخ الميلاد: ٣ أيار ١٩٨٠'],
    ['date in Spanish', 'fecha de nacimiento: 3 de mayo de 1980'],
    ['home address', 'your home address: 12 King Street, Riyadh'],
    ['home address that begins with the street', 'votre domicile: rue de la Paix 12'],
    ['home address in Arabic', 'عنوان المنزل: 12 شارع الملك'],
    ['IP address', 'from 192.168.44.12'],
    ['IP address of version 6', 'from 2001:db8:85a3::8a2e:370:7334'],
    ['national id in Arabic digits', 'رقم الهوية ١٠٢٣٤٥٦٧٨٩'],
    ['payment card', '4111 1111 1111 1111'],
  ])('a number of the kind %s is refused', (_kind, body) => {
    expect(found(body)).toContain('ERROR PHI_IDENTIFIER');
  });

  test("a patient's phone, email and link are refused; the sender's own are fine", () => {
    expect(found('patient phone +966 50 000 0001')).toContain('ERROR PHI_CONTACT');
    expect(found('the patient is jane@example.com')).toContain('ERROR PHI_CONTACT');
    expect(found('https://example.com/patients/48213')).toEqual(['ERROR PHI_LINK']);
    expect(found('call +966 50 000 0001 or write to support@example.com, https://example.com/pay')).toEqual([]);
  });

  test.each(['we come to your address between 10 and 12 on Monday', 'open 9:00:00 to 17:30:00', 'your birthday: 10 percent off in May'])(
    '%s is fine',
    (body) => {
      expect(found(body)).toEqual([]);
    },
  );

  test('a warning that nobody will ever ask for them is fine', () => {
    expect(found('we never ask for your SSN, national ID or password.')).toEqual([]);
  });
});

describe('variables', () => {
  test.each([
    'diagnosis',
    'patientDiagnosis',
    'patient.diagnosis',
    'test_name',
    'SSN',
    'patientDOB',
    'mrn2',
    'medication',
    'raqm_hawiya',
    'tashkhis',
  ])('%s is refused', (name) => {
    expect(found(`see you at {{ ${name} }}`)).toEqual(['ERROR PHI_VARIABLE']);
  });

  test.each(['note', 'customMessage', 'cancel_reason'])('%s is warned of: anybody can write anything into it', (name) => {
    expect(found(`see you {{ ${name} }}`)).toEqual(['WARNING FREE_TEXT_VARIABLE']);
  });

  test.each(['department', 'email', 'age', 'doctorSpecialty'])('%s is warned of: some of its values may reveal something', (name) => {
    expect(found(`see you {{ ${name} }}`)).toEqual(['WARNING PHI_VARIABLE']);
  });

  test.each(['startsAt', 'amount', 'code', 'orderNumber', 'supportPhone', 'clinicAddress', 'firstName', 'link'])('%s is fine', (name) => {
    expect(found(`see you {{ ${name} }}`)).toEqual([]);
  });

  test('the line tells where it is used first, and one that only the versions know of has none', () => {
    expect(lint('{{ sender }}\nhello\n{{ diagnosis }}')).toMatchObject([{ language: 'en', line: 3 }]);
    expect(lint('{{ sender }}', { variables: ['diagnosis'] })).toMatchObject([{ language: null, line: null }]);
  });

  test.each(['aB', 'a.', 'a_', 'A', '1', 'a1'])('a name of 10,000 characters of "%s" is read to its end', (piece) => {
    const name = `x${piece.repeat(10_000 / piece.length)}_diagnosis`;
    expect(found(`see you at {{ ${name} }}`)).toEqual(['ERROR PHI_VARIABLE']);
  });
});

describe('parameters of an approved text', () => {
  const issuesOf = (parameters: string[]) =>
    lintTemplate({
      code: 'greeting',
      category: 'MARKETING',
      channels: ['SMS', 'WHATSAPP'],
      variables: ['name'],
      translations: [{ language: 'en', channel: null, subject: null, body: '{{ sender }}: see you. Reply STOP to opt out.', parameters }],
    });

  test('are read like the body, and have no line', () => {
    const message = expect.stringMatching(/^Parameter: "Oncology" names .* beside a person's name/);
    const issue = { severity: 'ERROR', code: 'PHI_HEALTH', message, language: 'en', channel: null, part: 'providerRefs', line: null };
    expect(issuesOf(['name', '"Oncology"'])).toEqual([issue]);
  });

  test('need not say who sends it, how to stop it, or whose number it is', () => {
    expect(issuesOf(['name', 'startsAt | date: "long"', '"“Clinic 3”"', '"+966 11 234 5678"'])).toEqual([]);
  });
});

describe('wording and cost', () => {
  test('an SMS that does not say who sends it is warned of, unless the name is written out', () => {
    expect(shown(lint('see you at 9.'))).toEqual(['WARNING SENDER_MISSING']);
    expect(lint('City Clinic: see you at 9.', { senderName: 'city clinic' })).toEqual([]);
    expect(lint('see you at 9.', { channels: ['WHATSAPP'] })).toEqual([]);
  });

  test.each([
    ['en', 'Reply STOP to opt out.'],
    ['ar', 'لإيقاف الرسائل أرسل إيقاف'],
    ['hi', 'बंद करने के लिए STOP लिखें'],
    ['es', 'Para darse de baja responda BAJA'],
    ['fr', 'STOP pour vous désabonner'],
    ['en', '{{ optOutUrl }}'],
  ])('advertising without a way to stop it is refused (%s: %s is one)', (language, way) => {
    expect(found('20 % off.', { category: 'MARKETING', language })).toEqual(['ERROR OPT_OUT_MISSING']);
    expect(found(`20 % off. ${way}`, { category: 'MARKETING', language })).toEqual([]);
  });

  test('a text that SMS has another for is judged as one that goes out by WhatsApp alone', () => {
    const texts = (language: string): LintInput['translations'] => [
      { language: 'en', channel: null, subject: null, body: '10 % off…' },
      { language, channel: 'SMS', subject: null, body: '{{ sender }}: 10 % off. Reply STOP to opt out.' },
    ];
    const judged = (language: string) =>
      shown(lint('', { category: 'MARKETING', channels: ['SMS', 'WHATSAPP'], translations: texts(language) }));
    expect(judged('EN')).toEqual(['WARNING OPT_OUT_MISSING']);
    expect(judged('fr')).toEqual(['ERROR OPT_OUT_MISSING', 'WARNING SENDER_MISSING', 'INFO AVOIDABLE_UCS2']);
  });

  test('a character that nobody sees is named with what it costs, and a name is known without it', () => {
    const [issue] = lint(`City Clinic: see you\u200b.`, { senderName: 'City\u00ad Clinic' });
    expect(issue).toMatchObject({ code: 'AVOIDABLE_UCS2', line: 1, message: expect.stringContaining('U+200B (invisible)') });
  });

  test('shortened links are warned of', () => {
    expect(found('see https://bit.ly/abc')).toEqual(['WARNING SHORTENED_LINK']);
    expect(found('see example.com/bit.ly')).toEqual([]);
  });

  test('characters that make a text dearer are named with what they cost', () => {
    const [issue] = lint(`{{ sender }}: “${'a'.repeat(80)}” — see you…`);
    expect(issue).toMatchObject({ severity: 'WARNING', code: 'AVOIDABLE_UCS2', line: 1 });
    expect(issue?.message).toBe(`UCS-2 because of “ (write "), ” (write "), — (write -), … (write ...): about 2 segments; 1 without them.`);
  });

  test('letters of the language are only noted, and other scripts are not even that', () => {
    expect(found('su código')).toEqual(['INFO AVOIDABLE_UCS2']);
    expect(found('موعدك غداً', { language: 'ar' })).toEqual([]);
  });

  test('the gravest comes first, and subjects have no line', () => {
    const issues = lint('see you at 9.', { subject: 'Your HIV test', channels: ['SMS', 'EMAIL'] });
    expect(issues).toMatchObject([
      { severity: 'ERROR', line: null, message: expect.stringMatching(/^Subject: /) },
      { severity: 'WARNING' },
    ]);
  });
});

test.each([
  'a',
  '{{',
  '1',
  'a.',
  '1-',
  'x@',
  '{% "',
  '“',
  'mrn ',
  'heart test ',
  '1 ',
  '/mrn/a',
  'a@a.co ',
  '{{ id }}\n',
  '\u0301',
  '\u0301'.repeat(50) + '\u0323'.repeat(50),
])('20,000 characters of "%s" before a word in Arabic are read in no time', (piece) => {
  const began = performance.now();
  expect(lint(`${piece.repeat(20_000 / piece.length)} موعد`).length).toBeLessThanOrEqual(200);
  expect(performance.now() - began).toBeLessThan(1_000);
});
