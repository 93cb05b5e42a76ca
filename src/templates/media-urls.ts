import type { Complain } from '../errors.js';

const MOST = 10;
const LONGEST = 2048;

/** Of a message or a text: complains about each address, or once of too many of them. */
export function checkMediaUrls(mediaUrls: readonly string[], complain: Complain): void {
  if (mediaUrls.length > MOST) return complain('INVALID_INPUT', `At most ${MOST} media.`, 'mediaUrls');
  mediaUrls.forEach((url, index) => {
    if (!isMediaUrl(url)) complain('INVALID_INPUT', 'An http or https address of at most 2,048 characters.', 'mediaUrls', String(index));
  });
}

/** Half a surrogate pair and U+0000 can be parsed and not be sent or stored. */
const isMediaUrl = (url: string): boolean =>
  url.length <= LONGEST && url.isWellFormed() && !url.includes('\0') && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
