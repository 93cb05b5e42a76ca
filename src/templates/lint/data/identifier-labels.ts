/** What the text calls a value by, and how bad it is that one follows: a literal is always an ERROR. */
export interface IdentifierLabel {
  /** For people: which of the HIPAA identifiers. */
  kind: string;
  labels: string;
  /** When a variable follows. */
  variable: 'ERROR' | 'WARNING';
  /** What counts as one that is written out; else a code with figures. */
  value?: 'date' | 'address';
}

/** Labels as regular expressions without groups that capture; Arabic ones are folded. */
export const IDENTIFIER_LABELS: readonly IdentifierLabel[] = [
  {
    kind: 'date of birth',
    labels:
      'd\\.?o\\.?b|date of birth|birth ?date|birthday|born(?: on)?|تاريخ (?:ال)?(?:ميلاد|ولاده)|مواليد|fecha de nacimiento|nacid[oa] el|date de naissance|née? le|जन्म ?(?:तिथि|तारीख)',
    variable: 'ERROR',
    value: 'date',
  },
  {
    kind: 'date of admission, discharge or death',
    labels:
      'admitted on|discharged on|date of (?:admission|discharge|death)|تاريخ (?:ال)?(?:دخول|خروج|وفاه)|fecha de (?:ingreso|alta)|date (?:d.admission|de sortie)',
    variable: 'ERROR',
    value: 'date',
  },
  {
    kind: 'social security or national id',
    labels:
      'ssn|social security|national id|civil id|identity (?:card )?n(?:umber|o)|emirates id|iqama|passport|aadhaa?r|nhs n(?:umber|o)|tax id|(?:رقم )?(?:ال)?هويه|هويتك|(?:رقم )?(?:ال)?اقامه|اقامتك|(?:رقم )?(?:ال)?جواز|رقم وطني|رقم قومي|سجل مدني|السجل المدني|dni|nie|curp|seguridad social|pasaporte|sécurité sociale|carte d.identité|passeport|आधार',
    variable: 'ERROR',
  },
  {
    kind: 'medical record number',
    labels:
      'mrn|medical record|patient (?:id|no|number|file|record|code)|chart (?:no|number)|hospital (?:no|number)|file (?:no|number)|record (?:no|number)|رقم (?:ال)?(?:مريض|ملف|سجل)(?: (?:ال)?طبي)?|ملفك|historia clínica|número de paciente|expediente|dossier (?:médical|patient)|numéro de patient|मरीज (?:नंबर|संख्या)|मेडिकल रिकॉर्ड',
    variable: 'ERROR',
  },
  {
    kind: 'health plan number',
    labels:
      '(?:health )?plan (?:id|no|number)|insurance (?:policy|id|no|number|card)|policy (?:no|number)|member(?:ship)? (?:id|no|number)|medicare|medicaid|beneficiary|subscriber (?:id|no)|رقم (?:ال)?(?:بوليصه|وثيقه|تامين|عضويه)|بوليصه|póliza|número de afiliad[oa]|tarjeta sanitaria|numéro (?:d.assuré|de mutuelle)|carte vitale|पॉलिसी',
    variable: 'ERROR',
  },
  {
    kind: 'account number',
    labels: 'account (?:no|number)|iban|رقم (?:ال)?(?:حساب|ايبان)|حسابك رقم|ايبان|número de cuenta|numéro de compte|खाता (?:नंबर|संख्या)',
    variable: 'WARNING',
  },
  {
    kind: 'certificate or licence number',
    labels:
      "licen[cs]e (?:no|number)|certificate (?:no|number)|driving licen[cs]e|driver'?s licen[cs]e|رقم (?:ال)?(?:رخصه|شهاده)|número de licencia|numéro de permis",
    variable: 'WARNING',
  },
  {
    kind: 'vehicle identifier',
    labels: 'licen[cs]e plate|plate (?:no|number)|plate|vin|vehicle id|رقم (?:ال)?(?:لوحه|هيكل)|لوحه|matrícula|immatriculation',
    variable: 'WARNING',
  },
  {
    kind: 'device identifier or serial number',
    labels:
      'serial (?:no|number)|imei|device (?:id|serial)|mac address|udi|الرقم التسلسلي|رقم (?:ال)?(?:جهاز|تسلسلي)|número de serie|numéro de série',
    variable: 'WARNING',
  },
  {
    kind: 'home address',
    labels: 'home address|patient address|your address|lives at|عنوان (?:ال)?(?:منزل|مريض|سكن)|عنوانك|su domicilio|votre domicile',
    variable: 'WARNING',
    value: 'address',
  },
  {
    kind: 'biometric identifier',
    labels: 'fingerprint|retina(?:l)? scan|iris scan|voice ?print|face ?print|بصمه|huella dactilar|empreinte',
    variable: 'ERROR',
  },
];

/** What a message must not say whatever stands behind the variable. */
export const HEALTH_LABELS =
  'diagnosis|dx|medication|medicine|drug|dosage|symptoms?|procedure|test name|condition|allerg(?:y|ies)|(?:ال)?تشخيص|(?:ال)?دواء|(?:ال)?اعراض|(?:ال)?جرعه|اسم (?:ال)?(?:تحليل|فحص|دواء)|diagnóstico|medicamento|síntomas|diagnostic|médicament|symptômes|निदान|दवा';
