/**
 * Words of one language, comma separated; capitals are matched as capitals ("AIDS" is not "aids").
 * The first five reveal something about a person's health wherever they stand.
 */
export interface HealthWords {
  diagnoses: string;
  drugs: string;
  tests: string;
  departments: string;
  procedures: string;
  /** Reveal it only near a frame, or near another of them: heart, blood, surgery. */
  soft: string;
  /** What makes a soft word medical: doctor, clinic, results. */
  frames: string;
  /** Everyday phrases with such a word in them, set aside first. */
  harmless: string;
  /** Who is spoken to is everybody: an awareness day tells nothing about its reader. */
  toEverybody: string;
}
