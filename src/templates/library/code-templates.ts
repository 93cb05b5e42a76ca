import { shippedTemplate } from './shipped-template.js';

const CODE = { code: '123456', minutes: 10 };

export const CODE_TEMPLATES = [
  shippedTemplate({
    code: 'one_time_code',
    name: 'One-time code',
    category: 'AUTHENTICATION',
    topic: 'security',
    sample: CODE,
    texts: {
      en: '{{ sender }}: your code is {{ code }}. It is valid for {{ minutes }} minutes. Do not share it with anyone.',
      ar: '{{ sender }}: رمزك {{ code }} صالح {{ minutes }} دقائق. لا تشاركه مع أحد.',
      hi: '{{ sender }}: आपका कोड {{ code }} है, {{ minutes }} मिनट तक मान्य। किसी को न बताएं।',
      es: '{{ sender }}: su clave es {{ code }}. Vence en {{ minutes }} minutos. No la comparta con nadie.',
      fr: '{{ sender }} : votre code est {{ code }}. Il est valable {{ minutes }} minutes. Ne le communiquez à personne.',
    },
  }),
  shippedTemplate({
    code: 'login_code',
    name: 'Code to sign in',
    category: 'AUTHENTICATION',
    topic: 'security',
    sample: CODE,
    texts: {
      en: '{{ sender }}: {{ code }} is your sign-in code. It expires in {{ minutes }} minutes. We will never ask you for it.',
      ar: '{{ sender }}: رمز الدخول {{ code }} صالح {{ minutes }} دقائق. لن نطلبه منك.',
      hi: '{{ sender }}: आपका साइन-इन कोड {{ code }} है। यह {{ minutes }} मिनट में समाप्त होगा। हम इसे आपसे कभी नहीं मांगेंगे।',
      es: '{{ sender }}: {{ code }} es su clave de acceso. Vence en {{ minutes }} minutos. Nunca se la pediremos.',
      fr: '{{ sender }} : {{ code }} est votre code de connexion. Il expire dans {{ minutes }} minutes. Nous ne vous le demanderons jamais.',
    },
  }),
  shippedTemplate({
    code: 'phone_verification_code',
    name: 'Code to verify a phone number',
    category: 'AUTHENTICATION',
    topic: 'security',
    sample: CODE,
    texts: {
      en: '{{ sender }}: enter {{ code }} to verify this number. Valid for {{ minutes }} minutes. If you did not ask for it, ignore this message.',
      ar: '{{ sender }}: أدخل {{ code }} لتأكيد رقمك. صالح لمدة {{ minutes }} دقائق. إن لم تطلبه فتجاهل الرسالة.',
      hi: '{{ sender }}: इस नंबर की पुष्टि के लिए {{ code }} दर्ज करें। {{ minutes }} मिनट तक मान्य। आपने नहीं मांगा हो तो इस संदेश पर ध्यान न दें।',
      es: '{{ sender }}: escriba {{ code }} para verificar su teléfono. Vence en {{ minutes }} minutos. Si no lo ha pedido, ignore este mensaje.',
      fr: "{{ sender }} : saisissez {{ code }} pour vérifier ce numéro. Valable {{ minutes }} minutes. Si vous n'avez rien demandé, ignorez ce message.",
    },
  }),
  shippedTemplate({
    code: 'password_reset_code',
    name: 'Code to reset a password',
    category: 'AUTHENTICATION',
    topic: 'security',
    sample: CODE,
    texts: {
      en: '{{ sender }}: use {{ code }} to reset your password. Valid for {{ minutes }} minutes. Not you? Do nothing: your password stays.',
      ar: '{{ sender }}: استخدم {{ code }} لإعادة تعيين كلمة المرور خلال {{ minutes }} دقائق. إن لم تطلب ذلك فلا تفعل شيئاً.',
      hi: '{{ sender }}: पासवर्ड बदलने के लिए {{ code }} दर्ज करें। {{ minutes }} मिनट तक मान्य। आपने नहीं मांगा हो तो कुछ न करें, पासवर्ड वही रहेगा।',
      es: '{{ sender }}: use {{ code }} para cambiar su clave de acceso. Vence en {{ minutes }} minutos. Si no lo ha pedido, no haga nada.',
      fr: "{{ sender }} : utilisez {{ code }} pour changer de mot de passe. Valable {{ minutes }} minutes. Si ce n'est pas vous, ne faites rien.",
    },
  }),
  shippedTemplate({
    code: 'payment_approval_code',
    name: 'Code to approve a payment',
    category: 'AUTHENTICATION',
    topic: 'security',
    sample: { ...CODE, amount: '250.00', currency: 'SAR' },
    texts: {
      en: '{{ sender }}: {{ code }} approves a payment of {{ amount | money: currency }}. Valid for {{ minutes }} minutes. Do not share it.',
      ar: '{{ sender }}: الرمز {{ code }} للموافقة على دفع {{ amount | money: currency }}. صالح لمدة {{ minutes }} دقائق. لا تشاركه.',
      hi: '{{ sender }}: {{ amount | money: currency }} के भुगतान की मंज़ूरी का कोड {{ code }} है। {{ minutes }} मिनट तक मान्य। किसी को न बताएं।',
      es: '{{ sender }}: {{ code }} autoriza un pago de {{ amount | money: currency }}. Vence en {{ minutes }} minutos. No comparta esta clave.',
      fr: '{{ sender }} : {{ code }} autorise un paiement de {{ amount | money: currency }}. Valable {{ minutes }} minutes. Ne le communiquez pas.',
    },
  }),
];
