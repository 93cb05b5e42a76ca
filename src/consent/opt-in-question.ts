const ENGLISH = { reply: 'Reply YES to agree or STOP to refuse.', open: 'Or open' };

/** How the person is told to answer, by language; the words are those that answers are recognised by. */
const ANSWERS: Readonly<Record<string, typeof ENGLISH>> = {
  en: ENGLISH,
  ar: { reply: 'أرسل نعم للموافقة أو إيقاف للرفض.', open: 'أو افتح' },
  hi: { reply: 'सहमति के लिए हाँ, मना करने के लिए STOP लिखकर भेजें।', open: 'या खोलें' },
  es: { reply: 'Responda SI para aceptar o STOP para rechazar.', open: 'O abra' },
  fr: { reply: 'Répondez OUI pour accepter ou STOP pour refuser.', open: 'Ou ouvrez' },
};

/** The statement as it was given, and how to agree to it: in the language, or in English where we do not know it. */
export function optInQuestion(statement: string, link: string | null, language: string | null): string {
  const { reply, open } = ANSWERS[language?.split('-')[0] ?? 'en'] ?? ENGLISH;
  return [statement, reply, ...(link ? [`${open} ${link}`] : [])].join('\n');
}
