/** What the simulator does with each number; a test keeps this the same as what it really does. */
export const SIMULATOR_NUMBERS: readonly { number: string; meaning: string }[] = [
  { number: '+15005550001', meaning: 'Refused at once: not a valid number (INVALID_RECIPIENT).' },
  { number: '+15005550002', meaning: 'Refused at once: the person has opted out (OPTED_OUT).' },
  { number: '+15005550003', meaning: 'Refused at once: a landline (INVALID_RECIPIENT).' },
  { number: '+15005550004', meaning: 'Refused at once: the content is not allowed (CONTENT_REJECTED).' },
  { number: '+15005550009', meaning: 'Sent, then reported undelivered (FAILED, UNREACHABLE).' },
  {
    number: '+15005550010',
    meaning: 'Takes the message but never answers the call; once the caller has given up, reports sent and delivered.',
  },
  { number: '+15005550011', meaning: 'Answers 429 to the first two calls, then accepts and delivers.' },
  { number: '+15005550012', meaning: 'Answers 500 to the first two calls, then accepts and delivers.' },
  { number: '+15005550013', meaning: 'Delivered; the receipts come in the wrong order, each twice, and an old one once more at the end.' },
  { number: '+15005550014', meaning: 'Delivered, but no receipt ever comes: it stays SENT until its status is looked up.' },
  { number: '+15005550015', meaning: 'Sent soon, delivered only after 60 seconds.' },
  { number: '+15005550016', meaning: 'Never answers the call and never took the message; a look-up says so.' },
];
