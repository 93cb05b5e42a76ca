/** Words of variable names, e.g. patientDiagnosis or test_name: one or more words that stand side by side. */
export const REVEALING_VARIABLES = `
  diagnosis, diagnoses, dx, icd, icd 9, icd 10, medication, medications, meds, medicine, drug, drugs, rx, prescription name, prescription details, dosage, dose, symptom, symptoms,
  disease, illness, disorder, medical condition, health condition, condition, allergy, allergies, treatment, treatment name, procedure, surgery, operation, therapy, lab result, lab results,
  lab value, lab test, test result, test results, test name, test type, exam name, result value, result text, result name, blood type, blood group, blood pressure, vaccine, vaccination, hiv,
  pregnancy, pregnant, bmi, weight, health status, medical history, clinical, tashkhis, tashkhees, tashkheesak, marad, dawa, dawaa, adwiya, elaj, ilaj, 3ilaj, fahs, tahlil, tahleel, natija tahlil, wasfa,
  jura, joraa, aarad, a3rad, hasasiya, amaliya, amaliyya, diagnostico, medicamento, enfermedad, diagnostic, medicament, maladie, dawai, bimari, nidan
`;

export const IDENTIFYING_VARIABLES = `
  ssn, social security, social security number, mrn, medical record, medical record number, record number, patient id, patient no, patient number, patient code, chart number, hospital number,
  national id, national number, civil id, identity number, id number, id card, iqama, passport, passport number, aadhaar, aadhar, emirates id, nhs number, dob, birth, birth date, birthdate, birthday,
  date of birth, born, admission date, admitted at, discharge date, discharged at, death date, date of death, insurance id, insurance number, insurance policy, insurance card, policy number, policy no,
  health plan, plan number, plan id, member id, membership number, subscriber id, beneficiary, medicare, medicaid, licence number, license number, driving licence, drivers license, certificate number,
  license plate, licence plate, plate number, vin, vehicle id, device serial, device id, serial number, imei, mac address, ip, ip address, fingerprint, biometric, biometrics, face id, retina, iris, voiceprint,
  full face photo, patient photo, photo of patient, patient address, home address, patient phone, patient email, patient fax, hawiya, hawiyya, hawia, raqm hawiya, raqam hawiya, raqm watani, raqam watani,
  raqm al hawiya, jawaz, jawaz safar, tarikh milad, tareekh milad, tarikh al milad, milad, raqm malaf, raqam malaf, raqm al malaf, raqm mareed, raqm marid, tamin, taameen, boulisa, basma,
  fecha nacimiento, date naissance, dni, pasaporte
`;

/** Anybody can write anything into these. */
export const FREE_TEXT_VARIABLES = `
  note, notes, message, reason, comment, comments, remark, remarks, text, free text, details, detail, description, instructions, body, content, info, information, custom, custom text, other, memo,
  summary, observation, advice, mulahaza, mulahadha, mulahazat, sabab, tafasil, nota, notas, motivo, comentario, remarque, motif, commentaire
`;

/** Can reveal something, or identify somebody, in some uses. */
export const DELICATE_VARIABLES = `
  department, dept, specialty, speciality, specialist, ward, unit name, clinic name, clinic type, doctor specialty, service name, service type, appointment type, visit type, visit reason, prescription, result, results,
  report, test, exam, age, gender, sex, address, street, city, zip, zip code, postcode, postal code, location of patient, phone, phone number, mobile, mobile number, fax, email, email address,
  photo, picture, image, selfie, account number, iban, customer id, user id, id, uuid, case number, file number, qism, kism, takhassus, ikhtisas, unwan, onwan, jawwal, hatif, umr
`;

/** Say who: a health word beside one of them is about that person. */
export const NAME_VARIABLES = `
  name, first name, firstname, last name, lastname, full name, fullname, surname, family name, given name, patient, patient name, client name, customer name, child name, contact name, recipient name,
  nickname, ism, isem, ism al marid, nombre, apellido, nom, prenom, naam
`;

/** Words before a delicate one that make it the sender's own: supportPhone, clinicAddress. */
export const OF_THE_SENDER =
  'sender, clinic, support, help, office, shop, store, branch, company, business, our, contact, service, pickup, pharmacy, hospital, centre, center, desk, delivery, message, order, invoice, ticket';
