import { shippedTemplate } from './shipped-template.js';

const PHONE = { supportPhone: '9200 12345' };

export const ACCOUNT_TEMPLATES = [
  shippedTemplate({
    code: 'account_created',
    name: 'Account created',
    category: 'UTILITY',
    topic: 'account',
    sample: { link: 'https://example.com/sign-in' },
    texts: {
      en: '{{ sender }}: welcome! Your account is ready: {{ link }}',
      ar: '{{ sender }}: أهلاً بك! حسابك جاهز: {{ link }}',
      hi: '{{ sender }}: स्वागत है! आपका खाता तैयार है: {{ link }}',
      es: '{{ sender }}: le damos la bienvenida. Ya puede usar su cuenta: {{ link }}',
      fr: '{{ sender }} : bienvenue ! Votre compte est ouvert : {{ link }}',
    },
  }),
  shippedTemplate({
    code: 'account_details_changed',
    name: 'Account details changed',
    category: 'UTILITY',
    topic: 'account',
    sample: PHONE,
    texts: {
      en: '{{ sender }}: the details of your account were changed. Not you? Call {{ supportPhone }}.',
      ar: '{{ sender }}: تم تعديل بيانات حسابك. إن لم تكن أنت فاتصل على {{ supportPhone }}.',
      hi: '{{ sender }}: आपके खाते की जानकारी बदली गई है। यदि यह आपने नहीं किया तो {{ supportPhone }} पर कॉल करें।',
      es: '{{ sender }}: se han cambiado los datos de su cuenta. Si no ha sido usted, llame al {{ supportPhone }}.',
      fr: "{{ sender }} : les données de votre compte ont changé. Si ce n'est pas vous, appelez le {{ supportPhone }}.",
    },
  }),
  shippedTemplate({
    code: 'account_closed',
    name: 'Account closed',
    category: 'UTILITY',
    topic: 'account',
    sample: PHONE,
    texts: {
      en: '{{ sender }}: your account is closed. If you did not ask for this, call {{ supportPhone }}.',
      ar: '{{ sender }}: تم إغلاق حسابك. إن لم تطلب ذلك فاتصل على {{ supportPhone }}.',
      hi: '{{ sender }}: आपका खाता बंद कर दिया गया है। यदि आपने नहीं कहा था तो {{ supportPhone }} पर कॉल करें।',
      es: '{{ sender }}: su cuenta queda cerrada. Si no lo ha pedido, llame al {{ supportPhone }}.',
      fr: "{{ sender }} : votre compte est fermé. Si vous ne l'avez pas demandé, appelez le {{ supportPhone }}.",
    },
  }),
  shippedTemplate({
    code: 'password_changed',
    name: 'Password changed',
    category: 'UTILITY',
    topic: 'security',
    sample: PHONE,
    texts: {
      en: '{{ sender }}: your password was changed. Not you? Call {{ supportPhone }} at once.',
      ar: '{{ sender }}: تم تغيير كلمة المرور. إن لم تكن أنت فاتصل فوراً على {{ supportPhone }}.',
      hi: '{{ sender }}: आपका पासवर्ड बदल दिया गया है। यदि यह आपने नहीं किया तो तुरंत {{ supportPhone }} पर कॉल करें।',
      es: '{{ sender }}: se ha cambiado su clave de acceso. Si no ha sido usted, llame ya al {{ supportPhone }}.',
      fr: "{{ sender }} : votre mot de passe a changé. Si ce n'est pas vous, appelez tout de suite le {{ supportPhone }}.",
    },
  }),
  shippedTemplate({
    code: 'new_sign_in',
    name: 'New sign-in',
    category: 'UTILITY',
    topic: 'security',
    sample: { ...PHONE, signedInAt: '2027-01-15T09:30:00Z' },
    texts: {
      en: '{{ sender }}: new sign-in to your account on {{ signedInAt | date: "long" }} at {{ signedInAt | time }}. Not you? Call {{ supportPhone }}.',
      ar: '{{ sender }}: دخول جديد إلى حسابك في {{ signedInAt | date: "long" }} الساعة {{ signedInAt | time }}. إن لم تكن أنت فاتصل على {{ supportPhone }}.',
      hi: '{{ sender }}: {{ signedInAt | date: "long" }} को {{ signedInAt | time }} पर आपके खाते में नया साइन-इन हुआ। यदि आप नहीं थे तो {{ supportPhone }} पर कॉल करें।',
      es: '{{ sender }}: nuevo acceso a su cuenta el {{ signedInAt | date: "long" }} a las {{ signedInAt | time }}. Si no ha sido usted, llame al {{ supportPhone }}.',
      fr: '{{ sender }} : nouvelle connexion à votre compte le {{ signedInAt | date: "long" }} à {{ signedInAt | time }}. Si ce n\'est pas vous, appelez le {{ supportPhone }}.',
    },
  }),
  shippedTemplate({
    code: 'phone_number_changed',
    name: 'Phone number changed',
    category: 'UTILITY',
    topic: 'security',
    sample: PHONE,
    texts: {
      en: '{{ sender }}: another phone number was set for your account. Not you? Call {{ supportPhone }} at once.',
      ar: '{{ sender }}: تم تغيير رقم الجوال في حسابك. إن لم تكن أنت فاتصل فوراً على {{ supportPhone }}.',
      hi: '{{ sender }}: आपके खाते का फ़ोन नंबर बदला गया है। यदि यह आपने नहीं किया तो तुरंत {{ supportPhone }} पर कॉल करें।',
      es: '{{ sender }}: se ha cambiado el teléfono de su cuenta. Si no ha sido usted, llame ya al {{ supportPhone }}.',
      fr: "{{ sender }} : le numéro de téléphone de votre compte a changé. Si ce n'est pas vous, appelez tout de suite le {{ supportPhone }}.",
    },
  }),
  shippedTemplate({
    code: 'suspicious_activity',
    name: 'Account locked for safety',
    category: 'UTILITY',
    topic: 'security',
    sample: PHONE,
    texts: {
      en: '{{ sender }}: we have locked your account after several failed sign-ins. Call {{ supportPhone }} to unlock it.',
      ar: '{{ sender }}: أوقفنا حسابك بعد محاولات دخول فاشلة متكررة. لإعادة تفعيله اتصل على {{ supportPhone }}.',
      hi: '{{ sender }}: साइन-इन के कई असफल प्रयासों के बाद हमने आपका खाता लॉक कर दिया है। खोलने के लिए {{ supportPhone }} पर कॉल करें।',
      es: '{{ sender }}: hemos bloqueado su cuenta tras varios intentos de acceso fallidos. Para desbloquearla, llame al {{ supportPhone }}.',
      fr: '{{ sender }} : nous avons bloqué votre compte après plusieurs essais de connexion. Pour le débloquer, appelez le {{ supportPhone }}.',
    },
  }),
];
