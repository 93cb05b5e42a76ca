import { shippedTemplate } from './shipped-template.js';

export const CONSENT_TEMPLATES = [
  shippedTemplate({
    code: 'opt_in_request',
    name: 'Opt-in question',
    category: 'SERVICE',
    topic: 'consent',
    texts: {
      en: '{{ sender }}: may we send you messages on this number? Reply YES to agree or STOP to refuse. Message and data rates may apply.',
      ar: '{{ sender }}: هل توافق على استلام رسائلنا على هذا الرقم؟ أرسل نعم للموافقة أو إيقاف للرفض.',
      hi: '{{ sender }}: क्या हम इस नंबर पर आपको संदेश भेज सकते हैं? सहमति के लिए हाँ, मना करने के लिए STOP लिखकर भेजें।',
      es: '{{ sender }}: si acepta recibir nuestros mensajes en este teléfono, responda SI. Para no recibirlos, responda STOP.',
      fr: '{{ sender }} : acceptez-vous de recevoir nos messages sur ce numéro ? Répondez OUI pour accepter ou STOP pour refuser.',
    },
  }),
  shippedTemplate({
    code: 'opt_in_confirmation',
    name: 'Opt-in confirmed',
    category: 'SERVICE',
    topic: 'consent',
    texts: {
      en: '{{ sender }}: thank you, you will now get our messages. Reply HELP for help or STOP to end them at any time.',
      ar: '{{ sender }}: شكراً، ستصلك رسائلنا من الآن. أرسل مساعدة للمساعدة أو إيقاف لإيقافها في أي وقت.',
      hi: '{{ sender }}: धन्यवाद, अब आपको हमारे संदेश मिलेंगे। सहायता के लिए मदद, बंद करने के लिए STOP लिखकर भेजें।',
      es: '{{ sender }}: gracias, desde ahora recibe nuestros mensajes. Responda AYUDA si necesita ayuda o STOP para darse de baja.',
      fr: "{{ sender }} : merci, vous recevrez désormais nos messages. Répondez AIDE pour de l'aide ou STOP pour vous désabonner à tout moment.",
    },
  }),
  shippedTemplate({
    code: 'opt_out_confirmation',
    name: 'Opt-out confirmed',
    category: 'SERVICE',
    topic: 'consent',
    texts: {
      en: '{{ sender }}: you will get no more messages from us on this number. Reply START if you change your mind.',
      ar: '{{ sender }}: لن تصلك منا رسائل أخرى على هذا الرقم. إن غيّرت رأيك فأرسل ابدأ.',
      hi: '{{ sender }}: अब आपको इस नंबर पर हमारे संदेश नहीं मिलेंगे। फिर पाने के लिए शुरू लिखकर भेजें।',
      es: '{{ sender }}: ya no recibe nuestros mensajes en este teléfono. Si cambia de idea, responda INICIAR.',
      fr: '{{ sender }} : vous ne recevrez plus de messages de notre part sur ce numéro. Pour reprendre, répondez DEBUT.',
    },
  }),
  shippedTemplate({
    code: 'help_answer',
    name: 'Answer to HELP',
    category: 'SERVICE',
    topic: 'consent',
    sample: { supportPhone: '9200 12345' },
    texts: {
      en: '{{ sender }}: for help call {{ supportPhone }}. Reply STOP to get no more messages. Message and data rates may apply.',
      ar: '{{ sender }}: للمساعدة اتصل على {{ supportPhone }}. لإيقاف الرسائل أرسل إيقاف.',
      hi: '{{ sender }}: सहायता के लिए {{ supportPhone }} पर कॉल करें। संदेश बंद करने के लिए STOP लिखकर भेजें।',
      es: '{{ sender }}: si necesita ayuda, llame al {{ supportPhone }}. Responda STOP para no recibir mensajes.',
      fr: "{{ sender }} : pour de l'aide, appelez le {{ supportPhone }}. Répondez STOP pour ne plus recevoir de messages.",
    },
  }),
  shippedTemplate({
    code: 'preferences_link',
    name: 'Choose what you get',
    category: 'SERVICE',
    topic: 'consent',
    sample: { link: 'https://example.com/preferences' },
    texts: {
      en: '{{ sender }}: choose which messages you get, and how: {{ link }}',
      ar: '{{ sender }}: اختر الرسائل التي تصلك وكيف تصلك: {{ link }}',
      hi: '{{ sender }}: चुनें कि आपको कौन से संदेश मिलें और कैसे: {{ link }}',
      es: '{{ sender }}: elija los mensajes que quiere recibir y el medio: {{ link }}',
      fr: '{{ sender }} : choisissez les messages que vous recevez, et comment : {{ link }}',
    },
  }),
];
