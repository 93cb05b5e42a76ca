/** Nobody's. */
export const TWILIO_ACCOUNT = 'AC00000000000000000000000000000001';
export const TWILIO_TOKEN = 'token';
