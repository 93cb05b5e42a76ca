import { HealthKind } from '../health-kind.js';

/** What medical words end in (drugs: the stems of their international names): no list has all of the words. */
export const MEDICAL_ENDINGS: readonly (readonly [HealthKind, string])[] = [
  [
    HealthKind.DIAGNOSIS,
    `itis osis iasis emia aemia uria algia pathy plegia paresis sclerosis stenosis carcinoma sarcoma lymphoma melanoma blastoma adenoma glioma myeloma angioma fibroma lipoma cytoma
    granuloma meningioma teratoma rrhea rrhoea rrhage rrhagia penia dystrophy atrophy malacia megaly ectasis pneumothorax coccal ptysis cytosis phobia mania philia thyroidism
    trophia plasia oma insufficiency deficiency syndrome`,
  ],
  [HealthKind.PROCEDURE, 'ectomy otomy ostomy plasty scopy centesis tripsy rrhaphy'],
  [
    HealthKind.DRUG,
    `azole mycin micin cillin cycline oxacin olol pril sartan vastatin gliptin gliflozin glutide glitazone azepam zepam azolam barbital oxetine triptyline ipramine triptan setron dipine
    parin xaban gatran thiazide caine dronate dronic lukast vudine navir tegravir cavir ciclovir cyclovir buvir previr tamivir tinib mab nercept tacept bercept rubicin platin taxel trexate
    fibrate profen coxib fenac terol tropium asone isone isolone onide setine pezil giline azosin dafil denafil gestrel gestrone estradiol bendazole oroquine floquine phylline azoline tidine
    curonium fungin oprazine promazine peridol codone morphone orphan ciclib limus formin grelor semide setamol dopa bactam penem kacin apine astine mustine zolamide azidime ixime`,
  ],
];

/** Ordinary words that end so. */
export const ORDINARY_WORDS: ReadonlySet<string> = new Set(
  `diploma aroma coma oklahoma sonoma tacoma paloma genoma idioma axioma cromosoma stroma academia bohemia osmosis hypnosis metamorphosis symbiosis prognosis gnosis apotheosis sympathy empathy telepathy apathy antipathy homeopathy naturopathy osteopathy dichotomy microscopy
  spectroscopy telescopy horoscopy oasis basis emphasis crisis stasis premia bigamia macadamia mesopotamia anatomy autonomy economy astronomy gastronomy agronomy taxonomy bookmania beatlemania
  romania oceania tasmania campania lusitania mania germania albania bibliophilia francophilia philia romanian tulipmania hydroponide cyanide bromide comparin sparing imab
  opossum parapet cocktail anglophilia xenophobia technophobia pandemia epidemia`.split(/\s+/),
);
