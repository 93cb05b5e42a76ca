import { shippedTemplate } from './shipped-template.js';

const SHOP = { sender: 'City Shop', link: 'https://example.com/shop' };

export const OFFER_TEMPLATES = [
  shippedTemplate({
    code: 'win_back',
    name: 'We miss you',
    category: 'MARKETING',
    topic: 'offers',
    sample: { ...SHOP, percent: 15, until: '2027-01-31' },
    texts: {
      en: '{{ sender }}: we have not seen you for a while. {{ percent }}% off until {{ until | date: "long" }}: {{ link }} Reply STOP to opt out.',
      ar: '{{ sender }}: اشتقنا إليك! خصم {{ percent }}% حتى {{ until | date: "long" }}: {{ link }} لإيقاف الرسائل أرسل إيقاف.',
      hi: '{{ sender }}: बहुत दिनों से आप नहीं आए। {{ until | date: "long" }} तक {{ percent }}% की छूट: {{ link }} बंद करने के लिए STOP लिखकर भेजें।',
      es: '{{ sender }}: hace tiempo que no nos vemos. {{ percent }} % de descuento hasta el {{ until | date: "long" }}: {{ link }} Responda STOP para darse de baja.',
      fr: '{{ sender }} : vous nous manquez. {{ percent }} % de remise jusqu\'au {{ until | date: "long" }} : {{ link }} Répondez STOP pour vous désabonner.',
    },
  }),
  shippedTemplate({
    code: 'new_product',
    name: 'New product',
    category: 'MARKETING',
    topic: 'news',
    sample: { ...SHOP, product: 'Spring catalogue' },
    texts: {
      en: '{{ sender }}: new for you: {{ product }}. Have a look: {{ link }} Reply STOP to opt out.',
      ar: '{{ sender }}: جديدنا: {{ product }}. تفضل بالاطلاع: {{ link }} لإيقاف الرسائل أرسل إيقاف.',
      hi: '{{ sender }}: आपके लिए नया: {{ product }}। देखें: {{ link }} बंद करने के लिए STOP लिखकर भेजें।',
      es: '{{ sender }}: novedad: {{ product }}. Descubra todo en: {{ link }} Responda STOP para darse de baja.',
      fr: '{{ sender }} : nouveau pour vous : {{ product }}. Découvrez : {{ link }} Répondez STOP pour vous désabonner.',
    },
  }),
  shippedTemplate({
    code: 'seasonal_offer',
    name: 'Offer for a time',
    category: 'MARKETING',
    topic: 'offers',
    sample: { ...SHOP, percent: 20, until: '2027-01-31' },
    texts: {
      en: '{{ sender }}: {{ percent }}% off everything until {{ until | date: "long" }}: {{ link }} Reply STOP to opt out.',
      ar: '{{ sender }}: خصم {{ percent }}% على كل شيء حتى {{ until | date: "long" }}: {{ link }} لإيقاف الرسائل أرسل إيقاف.',
      hi: '{{ sender }}: {{ until | date: "long" }} तक हर चीज़ पर {{ percent }}% की छूट: {{ link }} बंद करने के लिए STOP लिखकर भेजें।',
      es: '{{ sender }}: {{ percent }} % de descuento en todo hasta el {{ until | date: "long" }}: {{ link }} Responda STOP para darse de baja.',
      fr: '{{ sender }} : {{ percent }} % sur tout jusqu\'au {{ until | date: "long" }} : {{ link }} Répondez STOP pour vous désabonner.',
    },
  }),
  shippedTemplate({
    code: 'loyalty_points',
    name: 'Points about to expire',
    category: 'MARKETING',
    topic: 'offers',
    sample: { ...SHOP, points: 500, expiresOn: '2027-01-31' },
    texts: {
      en: '{{ sender }}: your {{ points | number }} points expire on {{ expiresOn | date: "long" }}. Use them: {{ link }} Reply STOP to opt out.',
      ar: '{{ sender }}: رصيدك {{ points | number }} نقطة ينتهي في {{ expiresOn | date: "long" }}. استخدمه: {{ link }} لإيقاف الرسائل أرسل إيقاف.',
      hi: '{{ sender }}: आपके {{ points | number }} पॉइंट {{ expiresOn | date: "long" }} को समाप्त होंगे। उपयोग करें: {{ link }} बंद करने के लिए STOP लिखकर भेजें।',
      es: '{{ sender }}: sus {{ points | number }} puntos vencen el {{ expiresOn | date: "long" }}. Puede usarlos en: {{ link }} Responda STOP para darse de baja.',
      fr: '{{ sender }} : vos {{ points | number }} points expirent le {{ expiresOn | date: "long" }}. Utilisez-les : {{ link }} Répondez STOP pour vous désabonner.',
    },
  }),
  shippedTemplate({
    code: 'back_in_stock',
    name: 'Back in stock',
    category: 'MARKETING',
    topic: 'news',
    sample: { ...SHOP, product: 'Desk lamp' },
    texts: {
      en: '{{ sender }}: {{ product }} is back in stock: {{ link }} Reply STOP to opt out.',
      ar: '{{ sender }}: توفّر من جديد: {{ product }}. {{ link }} لإيقاف الرسائل أرسل إيقاف.',
      hi: '{{ sender }}: {{ product }} फिर से उपलब्ध है: {{ link }} बंद करने के लिए STOP लिखकर भेजें।',
      es: '{{ sender }}: ya tenemos de nuevo {{ product }}: {{ link }} Responda STOP para darse de baja.',
      fr: '{{ sender }} : de nouveau en stock : {{ product }}. {{ link }} Répondez STOP pour vous désabonner.',
    },
  }),
];
