import type { HealthWords } from './health-words.js';

export const HEALTH_WORDS_HI: HealthWords = {
  diagnoses: `
    मधुमेह, डायबिटीज, डायबिटीज़, शुगर की बीमारी, एचआईवी, एड्स, कैंसर, कर्क रोग, ट्यूमर, रसौली, टीबी, क्षय रोग, तपेदिक, मिर्गी, अवसाद, डिप्रेशन, सिज़ोफ्रेनिया, मानसिक रोग,
    मानसिक बीमारी, मानसिक स्वास्थ्य, दमा, अस्थमा, रक्तचाप, ब्लड प्रेशर, हाई बीपी, कोलेस्ट्रॉल, हृदय रोग, दिल की बीमारी, दिल का दौरा, लकवा, पीलिया, हेपेटाइटिस, मलेरिया,
    डेंगू, कोरोना, कोविड, बांझपन, गर्भपात, थायराइड, गठिया, माइग्रेन, मोटापा, नशा मुक्ति, यौन रोग, गुप्त रोग, बवासीर, पथरी, एनीमिया, खसरा, अल्जाइमर, गर्भावस्था, आपकी बीमारी, आपका रोग, निदान`,
  drugs: `
    इंसुलिन, मेटफॉर्मिन, पैरासिटामोल, पेरासिटामोल, एमोक्सिसिलिन, एंटीबायोटिक, वियाग्रा, गर्भनिरोधक, एस्पिरिन, स्टेरॉयड, आपकी दवा, अपनी दवा, की दवा, दवाई`,
  tests: `
    खून की जांच, रक्त जांच, रक्त परीक्षण, ब्लड टेस्ट, एमआरआई, सीटी स्कैन, एक्स रे, एक्सरे, अल्ट्रासाउंड, सोनोग्राफी, बायोप्सी, ईसीजी, मैमोग्राम, एंडोस्कोपी, पेशाब की जांच, मूत्र जांच,
    शुगर टेस्ट, गर्भावस्था जांच, प्रेगनेंसी टेस्ट, थायराइड जांच`,
  departments: `
    मनोचिकित्सक, मनोरोग, मनोचिकित्सा, कैंसर विभाग, हृदय रोग विभाग, स्त्री रोग, प्रसूति, न्यूरोलॉजी, कार्डियोलॉजी, ऑन्कोलॉजी, त्वचा रोग, मूत्र रोग, गुर्दा रोग, नेफ्रोलॉजी, मनोवैज्ञानिक`,
  procedures: `
    कीमोथेरेपी, डायलिसिस, रेडियोथेरेपी, सर्जरी, प्रत्यारोपण, नसबंदी, आईवीएफ, सिजेरियन, फिजियोथेरेपी, एंजियोप्लास्टी, शल्य चिकित्सा`,
  soft: `खून, गुर्दा, किडनी, लिवर, फेफड़े, टीका, वैक्सीन, गर्भवती, संक्रमण, बुखार, एलर्जी, पॉजिटिव, दर्द, इंजेक्शन, ऑपरेशन`,
  frames: `डॉक्टर, अस्पताल, जांच, टेस्ट, मरीज, रोगी, विभाग, इलाज, उपचार, रिपोर्ट`,
  harmless: `दिल से, खून का रिश्ता`,
  toEverybody: `जागरूकता, विश्व मधुमेह दिवस, सभी के लिए, रक्तदान शिविर`,
};

export const HEALTH_WORDS_ES: HealthWords = {
  diagnoses: `
    diabetes, diabético, diabética, vih, sida, cáncer, tumor, leucemia, linfoma, asma, epilepsia, esquizofrenia, depresión, trastorno bipolar, trastorno, ansiedad,
    alzheimer, demencia, parkinson, esclerosis, infarto, derrame cerebral, ictus, hipertensión, presión arterial, tensión arterial, colesterol, hepatitis, cirrosis,
    tuberculosis, neumonía, sífilis, gonorrea, clamidia, herpes, vph, infertilidad, esterilidad, aborto, embarazo, embarazada, menopausia, endometriosis, hipotiroidismo,
    tiroides, artritis, artrosis, osteoporosis, psoriasis, eccema, acné, obesidad, anorexia, bulimia, adicción, alcoholismo, autismo, tdah, migraña, anemia, gastritis,
    úlcera, colitis, hemorroides, hernia, cálculos renales, insuficiencia renal, insuficiencia cardíaca, covid, coronavirus, gripe, sarampión, malaria, dengue,
    salud mental, enfermedad, diagnosticado, diagnosticada, su diagnóstico, infección, disfunción eréctil, apnea, glaucoma, cataratas`,
  drugs: `
    insulina, metformina, paracetamol, ibuprofeno, amoxicilina, aspirina, omeprazol, enalapril, losartán, amlodipino, atorvastatina, simvastatina, sertralina, fluoxetina,
    diazepam, alprazolam, lorazepam, tramadol, morfina, prednisona, salbutamol, levotiroxina, warfarina, metotrexato, metadona, viagra, ozempic, antibiótico, antidepresivo,
    anticonceptivo, anticonceptivos, inhalador, su medicación, su medicamento, su dosis`,
  tests: `
    análisis de sangre, prueba de sangre, análisis de orina, biopsia, resonancia, tomografía, radiografía, ecografía, ultrasonido, mamografía, colonoscopia, endoscopia,
    electrocardiograma, citología, papanicolaou, prueba de embarazo, glucosa, glucemia, hemoglobina, densitometría, espirometría, pcr`,
  departments: `
    oncología, oncólogo, psiquiatría, psiquiatra, psicología, psicólogo, psicóloga, cardiología, cardiólogo, neurología, neurólogo, ginecología, ginecólogo, ginecóloga,
    obstetricia, urología, urólogo, nefrología, dermatología, dermatólogo, endocrinología, hematología, reumatología, neumología, gastroenterología, fertilidad, traumatología,
    salud sexual, cuidados paliativos, maternidad, proctología, infectología`,
  procedures: `
    quimioterapia, radioterapia, diálisis, trasplante, cirugía, operación de, cesárea, histerectomía, vasectomía, mastectomía, fecundación in vitro, fisioterapia, rehabilitación,
    marcapasos, cateterismo, transfusión, psicoterapia, desintoxicación`,
  soft: `sangre, corazón, riñón, hígado, pulmón, piel, mama, próstata, vacuna, alergia, dolor, fiebre, síntomas, virus, positiva, positivo`,
  frames: `médico, médica, doctor, doctora, hospital, prueba, examen, paciente, consulta, revisión, resultado de la prueba, análisis, tratamiento`,
  harmless: `corazón de, de corazón, mensaje de prueba, prueba gratis, prueba gratuita, naranja de sangre, virus informático, piel sintética`,
  toEverybody: `concienciación, concientización, día mundial, para todos, abierto a todos, donación de sangre`,
};

export const HEALTH_WORDS_FR: HealthWords = {
  diagnoses: `
    diabète, diabétique, vih, sida, cancer, tumeur, leucémie, lymphome, asthme, épilepsie, schizophrénie, dépression, bipolaire, anxiété, alzheimer, démence, parkinson,
    sclérose, infarctus, avc, hypertension, tension artérielle, cholestérol, hépatite, cirrhose, tuberculose, pneumonie, syphilis, gonorrhée, chlamydia, herpès, papillomavirus,
    infertilité, stérilité, avortement, ivg, fausse couche, grossesse, enceinte, ménopause, endométriose, hypothyroïdie, thyroïde, arthrite, arthrose, ostéoporose,
    psoriasis, eczéma, acné, obésité, anorexie, boulimie, addiction, alcoolisme, autisme, tdah, migraine, anémie, gastrite, ulcère, colite, hémorroïdes, hernie,
    calculs rénaux, insuffisance rénale, insuffisance cardiaque, covid, coronavirus, grippe, rougeole, paludisme, dengue, santé mentale, votre maladie, maladie chronique,
    diagnostiqué, diagnostiquée, votre diagnostic, infection, dysfonction érectile, apnée, glaucome, cataracte`,
  drugs: `
    insuline, metformine, paracétamol, doliprane, ibuprofène, amoxicilline, aspirine, oméprazole, amlodipine, atorvastatine, sertraline, fluoxétine, diazépam, alprazolam,
    lorazépam, tramadol, morphine, prednisone, cortisone, ventoline, salbutamol, lévothyroxine, levothyrox, warfarine, méthotrexate, méthadone, viagra, ozempic, antibiotique,
    antidépresseur, contraceptif, pilule contraceptive, inhalateur, votre médicament, vos médicaments`,
  tests: `
    prise de sang, analyse de sang, bilan sanguin, analyse d urine, biopsie, irm, scanner, radiographie, échographie, mammographie, coloscopie, endoscopie, fibroscopie,
    électrocardiogramme, frottis, test de grossesse, glycémie, hémoglobine, ostéodensitométrie, test pcr, pcr, dépistage`,
  departments: `
    oncologie, oncologue, cancérologie, psychiatrie, psychiatre, psychologue, psychologie, cardiologie, cardiologue, neurologie, neurologue, gynécologie, gynécologue,
    obstétrique, urologie, urologue, néphrologie, dermatologie, dermatologue, endocrinologie, hématologie, rhumatologie, pneumologie, gastro entérologie, procréation,
    addictologie, soins palliatifs, maternité, proctologie, santé sexuelle, infectiologie, pma`,
  procedures: `
    chimiothérapie, radiothérapie, dialyse, greffe, transplantation, chirurgie, césarienne, hystérectomie, vasectomie, mastectomie, fécondation in vitro, fiv, kinésithérapie,
    rééducation, pacemaker, cathéter, transfusion, psychothérapie, désintoxication`,
  soft: `sang, coeur, cœur, rein, foie, poumon, peau, sein, prostate, vaccin, allergie, douleur, fièvre, symptômes, virus, positif`,
  frames: `médecin, docteur, hôpital, examen, patient, patiente, consultation, résultat du test, analyse, traitement, test de, votre test`,
  harmless: `gout, pain, au coeur de, au cœur de, coeur de, cœur de, coup de coeur, coup de cœur, message de test, au sein de, virus informatique, avis positif`,
  toEverybody: `sensibilisation, journée mondiale, pour tous, ouvert à tous, don du sang, octobre rose`,
};
