/** Words that every feature shares. What they mean is in docs/GLOSSARY.md. */

export const Channel = { SMS: 'SMS', WHATSAPP: 'WHATSAPP', EMAIL: 'EMAIL' } as const;
export type Channel = (typeof Channel)[keyof typeof Channel];

export const MessageCategory = {
  AUTHENTICATION: 'AUTHENTICATION',
  UTILITY: 'UTILITY',
  MARKETING: 'MARKETING',
  SERVICE: 'SERVICE',
} as const;
export type MessageCategory = (typeof MessageCategory)[keyof typeof MessageCategory];

/** An exact decimal as a string ("0.0083"), never a float. */
export interface Money {
  amount: string;
  /** ISO 4217 */
  currency: string;
}
