import { HealthKind } from '../health-kind.js';

/** What medical words end in (drugs: the stems of their international names): no list has all of the words. */
export const MEDICAL_ENDINGS: readonly (readonly [HealthKind, string])[] = [
  [
    HealthKind.DIAGNOSIS,
    `itis osis iasis emia aemia uria algia pathy plegia paresis sclerosis stenosis carcinoma sarcoma lymphoma melanoma blastoma adenoma fibroma angioma myeloma lipoma osteoma neuroma glioma papilloma teratoma hematoma haematoma cytoma xanthoma
    meningioma thymoma seminoma insulinoma myxoma granuloma atheroma schwannoma chondroma myoma mesothelioma cystoma keratoma neurinoma gastrinoma ependymoma glaucoma rrhea rrhoea rrhage rrhagia penia dystrophy atrophy malacia megaly ectasis pneumothorax coccal ptysis cytosis phobia mania philia thyroidism
    trophia plasia insufficiency deficiency syndrome`,
  ],
  [HealthKind.PROCEDURE, 'ectomy otomy ostomy plasty scopy centesis tripsy rrhaphy'],
  [
    HealthKind.DRUG,
    `azole mycin micin cillin cycline oxacin olol pril sartan vastatin gliptin gliflozin glutide glitazone azepam zepam azolam barbital oxetine triptyline ipramine triptan setron dipine
    parin xaban gatran thiazide caine dronate dronic lukast vudine navir tegravir cavir ciclovir cyclovir buvir previr tamivir tinib mab nercept tacept bercept rubicin platin taxel trexate
    fibrate profen coxib fenac terol tropium asone isone isolone onide setine pezil giline azosin dafil denafil gestrel gestrone estradiol bendazole oroquine floquine phylline azoline tidine
    curonium fungin oprazine promazine peridol codone morphone methorphan ciclib limus formin grelor semide setamol dopa bactam penem kacin apine astine mustine zolamide azidime ixime`,
  ],
];

/** Ordinary words that end so. */
export const ORDINARY_WORDS: ReadonlySet<string> = new Set(
  `academia bohemia osmosis mitosis meiosis hypnosis metamorphosis symbiosis prognosis apotheosis oasis basis emphasis crisis stasis nostalgia asturia sympathy empathy telepathy apathy
  antipathy homeopathy naturopathy osteopathy dichotomy anatomy autonomy economy astronomy gastronomy agronomy taxonomy microscopy spectroscopy telescopy epidemia phobia homophobia
  xenophobia technophobia beatlemania skamania manchuria romania oceania tasmania campania germania albania bibliophilia francophilia anglophilia`.split(
    /\s+/,
  ),
);
