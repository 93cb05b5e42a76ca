import { shippedTemplate } from './shipped-template.js';

const LINK = { link: 'https://example.com/plan' };

export const SUBSCRIPTION_TEMPLATES = [
  shippedTemplate({
    code: 'subscription_expiring',
    name: 'Subscription about to end',
    category: 'UTILITY',
    topic: 'subscriptions',
    sample: { ...LINK, endsOn: '2027-01-15' },
    texts: {
      en: '{{ sender }}: your subscription ends on {{ endsOn | date: "long" }}. Renew it here: {{ link }}',
      ar: '{{ sender }}: ينتهي اشتراكك في {{ endsOn | date: "long" }}. جدّده هنا: {{ link }}',
      hi: '{{ sender }}: आपकी सदस्यता {{ endsOn | date: "long" }} को समाप्त होगी। यहां नवीनीकृत करें: {{ link }}',
      es: '{{ sender }}: su plan termina el {{ endsOn | date: "long" }}. Puede renovarlo en: {{ link }}',
      fr: '{{ sender }} : votre abonnement se termine le {{ endsOn | date: "long" }}. Renouvelez-le ici : {{ link }}',
    },
  }),
  shippedTemplate({
    code: 'subscription_renewed',
    name: 'Subscription renewed',
    category: 'UTILITY',
    topic: 'subscriptions',
    sample: { endsOn: '2028-01-15' },
    texts: {
      en: '{{ sender }}: your subscription is renewed until {{ endsOn | date: "long" }}. Thank you.',
      ar: '{{ sender }}: تم تجديد اشتراكك حتى {{ endsOn | date: "long" }}. شكراً لك.',
      hi: '{{ sender }}: आपकी सदस्यता {{ endsOn | date: "long" }} तक नवीनीकृत हो गई है। धन्यवाद।',
      es: '{{ sender }}: su plan queda renovado hasta el {{ endsOn | date: "long" }}. Gracias.',
      fr: '{{ sender }} : votre abonnement est renouvelé jusqu\'au {{ endsOn | date: "long" }}. Merci.',
    },
  }),
  shippedTemplate({
    code: 'subscription_paused',
    name: 'Subscription paused',
    category: 'UTILITY',
    topic: 'subscriptions',
    sample: LINK,
    texts: {
      en: '{{ sender }}: your subscription is paused. Resume it whenever you like: {{ link }}',
      ar: '{{ sender }}: اشتراكك متوقف مؤقتاً. يمكنك استئنافه متى شئت: {{ link }}',
      hi: '{{ sender }}: आपकी सदस्यता रुकी हुई है। जब चाहें फिर शुरू करें: {{ link }}',
      es: '{{ sender }}: su plan queda en pausa. Puede reanudarlo cuando quiera: {{ link }}',
      fr: '{{ sender }} : votre abonnement est en pause. Reprenez-le quand vous voulez : {{ link }}',
    },
  }),
  shippedTemplate({
    code: 'subscription_resumed',
    name: 'Subscription resumed',
    category: 'UTILITY',
    topic: 'subscriptions',
    texts: {
      en: '{{ sender }}: your subscription is active again. Welcome back.',
      ar: '{{ sender }}: اشتراكك فعّال من جديد. أهلاً بعودتك.',
      hi: '{{ sender }}: आपकी सदस्यता फिर से चालू है। आपका स्वागत है।',
      es: '{{ sender }}: su plan vuelve a funcionar. Nos alegra tenerle de nuevo.',
      fr: '{{ sender }} : votre abonnement est de nouveau actif. Heureux de vous retrouver.',
    },
  }),
  shippedTemplate({
    code: 'subscription_ended',
    name: 'Subscription ended',
    category: 'UTILITY',
    topic: 'subscriptions',
    sample: LINK,
    texts: {
      en: '{{ sender }}: your subscription has ended. You can start it again here: {{ link }}',
      ar: '{{ sender }}: انتهى اشتراكك. يمكنك البدء من جديد هنا: {{ link }}',
      hi: '{{ sender }}: आपकी सदस्यता समाप्त हो गई है। यहां फिर से शुरू करें: {{ link }}',
      es: '{{ sender }}: su plan ha terminado. Puede empezar de nuevo en: {{ link }}',
      fr: '{{ sender }} : votre abonnement est terminé. Vous pouvez le reprendre ici : {{ link }}',
    },
  }),
  shippedTemplate({
    code: 'quota_warning',
    name: 'Quota nearly used',
    category: 'UTILITY',
    topic: 'subscriptions',
    sample: { percent: 80 },
    texts: {
      en: '{{ sender }}: you have used {{ percent }}% of your quota.',
      ar: '{{ sender }}: استهلكت {{ percent }}% من باقتك.',
      hi: '{{ sender }}: आप अपने कोटे का {{ percent }}% उपयोग कर चुके हैं।',
      es: '{{ sender }}: ha usado el {{ percent }} % de su cuota.',
      fr: '{{ sender }} : vous avez consommé {{ percent }} % de votre quota.',
    },
  }),
  shippedTemplate({
    code: 'quota_reached',
    name: 'Quota used up',
    category: 'UTILITY',
    topic: 'subscriptions',
    sample: LINK,
    texts: {
      en: '{{ sender }}: your quota is used up. Add more here: {{ link }}',
      ar: '{{ sender }}: نفدت باقتك. يمكنك زيادتها هنا: {{ link }}',
      hi: '{{ sender }}: आपका कोटा पूरा हो गया है। यहां बढ़ाएं: {{ link }}',
      es: '{{ sender }}: ha agotado su cuota. Puede ampliarla en: {{ link }}',
      fr: '{{ sender }} : votre quota est épuisé. Augmentez-le ici : {{ link }}',
    },
  }),
];
