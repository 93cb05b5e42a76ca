import { ACCOUNT_TEMPLATES } from './account-templates.js';
import { APPOINTMENT_TEMPLATES } from './appointment-templates.js';
import { CODE_TEMPLATES } from './code-templates.js';
import { CONSENT_TEMPLATES } from './consent-templates.js';
import type { LibraryTemplate } from './library-template.js';
import { OFFER_TEMPLATES } from './offer-templates.js';
import { ORDER_TEMPLATES } from './order-templates.js';
import { PAYMENT_TEMPLATES } from './payment-templates.js';
import { SUBSCRIPTION_TEMPLATES } from './subscription-templates.js';
import { VISIT_TEMPLATES } from './visit-templates.js';

/** What every tenant gets, and may change. */
export const LIBRARY: readonly LibraryTemplate[] = [
  ...CODE_TEMPLATES,
  ...APPOINTMENT_TEMPLATES,
  ...VISIT_TEMPLATES,
  ...PAYMENT_TEMPLATES,
  ...SUBSCRIPTION_TEMPLATES,
  ...ACCOUNT_TEMPLATES,
  ...ORDER_TEMPLATES,
  ...OFFER_TEMPLATES,
  ...CONSENT_TEMPLATES,
];
