import { z } from 'zod';

const PARAMETER = 'A variable, with filters if need be, e.g. startsAt | date: "long"';
const Parameter = z
  .string()
  .min(1)
  .max(200, PARAMETER)
  .regex(/^[^{}%]+$/, PARAMETER);
const named = z.record(z.string().regex(/^[A-Za-z0-9_]{1,64}$/, 'Expected the name of a parameter'), Parameter);

const ContentSid = z.string().regex(/^HX[0-9a-f]{32}$/i, 'Expected a ContentSid: HX and 32 hexadecimal digits');
const WhatsAppName = z
  .string()
  .regex(/^[a-z0-9_]{1,512}$/, 'Expected the name of a WhatsApp template: lower-case letters, digits and underscores');
const WhatsAppLanguage = z.string().regex(/^[a-z]{2,3}(_[A-Za-z]{2,4})?$/, "Expected WhatsApp's code of a language, e.g. en_US");
const DltId = z.string().regex(/^\d{10,25}$/, 'Expected a DLT id: 10 to 25 digits');

/**
 * Approved names of a text on the provider's side. Parameters are in the provider's order; each is written like the inside
 * of `{{ }}`. Those of Twilio may be named, as in its Content templates; a list means 1, 2, 3 and so on.
 */
export const ProviderRefs = z.strictObject({
  twilio: z.strictObject({ contentSid: ContentSid, variables: z.union([z.array(Parameter).max(50), named]).optional() }).optional(),
  whatsapp: z
    .strictObject({ template: WhatsAppName, language: WhatsAppLanguage.optional(), parameters: z.array(Parameter).max(50).optional() })
    .optional(),
  dlt: z.strictObject({ templateId: DltId, entityId: DltId.optional() }).optional(),
});
export type ProviderRefs = z.infer<typeof ProviderRefs>;

/** The same with its parameters filled in, for one message. */
export interface FilledRefs {
  twilio?: { contentSid: string; variables: Record<string, string> };
  whatsapp?: { template: string; language: string | null; parameters: string[] };
  dlt?: { templateId: string; entityId: string | null };
}

/** Every parameter of the references, as it was written. */
export function parametersOf({ twilio, whatsapp }: ProviderRefs): string[] {
  return [...Object.values(twilio?.variables ?? {}), ...(whatsapp?.parameters ?? [])];
}

/** Which references there are, filled in or not. */
export type TemplateRefs = Partial<Record<keyof FilledRefs, object>>;

/** Null when there is nothing to refer to. */
export function fillRefs({ twilio, whatsapp, dlt }: ProviderRefs, fill: (parameter: string) => string): FilledRefs | null {
  if (!twilio && !whatsapp && !dlt) return null;
  return {
    ...(twilio && { twilio: { contentSid: twilio.contentSid, variables: filledVariables(twilio.variables ?? [], fill) } }),
    ...(whatsapp && {
      whatsapp: { template: whatsapp.template, language: whatsapp.language ?? null, parameters: (whatsapp.parameters ?? []).map(fill) },
    }),
    ...(dlt && { dlt: { templateId: dlt.templateId, entityId: dlt.entityId ?? null } }),
  };
}

const filledVariables = (variables: string[] | Record<string, string>, fill: (parameter: string) => string): Record<string, string> => {
  const entries = Array.isArray(variables)
    ? variables.map((parameter, index): [string, string] => [String(index + 1), parameter])
    : Object.entries(variables);
  return Object.fromEntries(entries.map(([name, parameter]) => [name, fill(parameter)]));
};
