export const HealthKind = {
  DIAGNOSIS: 'a diagnosis',
  DRUG: 'a drug',
  TEST: 'a test',
  DEPARTMENT: 'a department that reveals a condition',
  PROCEDURE: 'a procedure',
  SOFT: 'a word about health',
  FRAME: 'frame',
  HARMLESS: 'harmless',
  TO_EVERYBODY: 'to everybody',
} as const;
export type HealthKind = (typeof HealthKind)[keyof typeof HealthKind];
