import { shippedTemplate } from './shipped-template.js';

const AMOUNT = { amount: '250.00', currency: 'SAR' };
const DUE = { ...AMOUNT, dueOn: '2027-01-15', link: 'https://example.com/pay' };

export const PAYMENT_TEMPLATES = [
  shippedTemplate({
    code: 'payment_due',
    name: 'Payment due',
    category: 'UTILITY',
    topic: 'payments',
    sample: DUE,
    texts: {
      en: '{{ sender }}: {{ amount | money: currency }} is due on {{ dueOn | date: "long" }}. Pay here: {{ link }}',
      ar: '{{ sender }}: يستحق مبلغ {{ amount | money: currency }} في {{ dueOn | date: "long" }}. للدفع: {{ link }}',
      hi: '{{ sender }}: {{ amount | money: currency }} का भुगतान {{ dueOn | date: "long" }} तक देय है। यहां भुगतान करें: {{ link }}',
      es: '{{ sender }}: su pago de {{ amount | money: currency }} vence el {{ dueOn | date: "long" }}. Pague en: {{ link }}',
      fr: '{{ sender }} : {{ amount | money: currency }} à régler avant le {{ dueOn | date: "long" }}. Payer ici : {{ link }}',
    },
  }),
  shippedTemplate({
    code: 'payment_overdue',
    name: 'Payment overdue',
    category: 'UTILITY',
    topic: 'payments',
    sample: DUE,
    texts: {
      en: '{{ sender }}: {{ amount | money: currency }} was due on {{ dueOn | date: "long" }}. Please pay: {{ link }} If you have paid already, thank you.',
      ar: '{{ sender }}: كان مبلغ {{ amount | money: currency }} مستحقاً في {{ dueOn | date: "long" }}. يرجى الدفع: {{ link }} وإن كنت قد دفعت فشكراً لك.',
      hi: '{{ sender }}: {{ amount | money: currency }} का भुगतान {{ dueOn | date: "long" }} को देय था। कृपया भुगतान करें: {{ link }} यदि कर चुके हैं तो धन्यवाद।',
      es: '{{ sender }}: su pago de {{ amount | money: currency }} estaba previsto para el {{ dueOn | date: "long" }}. Pague en: {{ link }} Si ya ha pagado, gracias.',
      fr: '{{ sender }} : {{ amount | money: currency }} restent à régler depuis le {{ dueOn | date: "long" }}. Payer ici : {{ link }} Si c\'est déjà fait, merci.',
    },
  }),
  shippedTemplate({
    code: 'payment_received',
    name: 'Payment received',
    category: 'UTILITY',
    topic: 'payments',
    sample: AMOUNT,
    texts: {
      en: '{{ sender }}: we received your payment of {{ amount | money: currency }}. Thank you.',
      ar: '{{ sender }}: استلمنا دفعتك بمبلغ {{ amount | money: currency }}. شكراً لك.',
      hi: '{{ sender }}: आपका {{ amount | money: currency }} का भुगतान मिल गया। धन्यवाद।',
      es: '{{ sender }}: hemos recibido su pago de {{ amount | money: currency }}. Gracias.',
      fr: '{{ sender }} : votre paiement de {{ amount | money: currency }} est bien enregistré. Merci.',
    },
  }),
  shippedTemplate({
    code: 'payment_failed',
    name: 'Payment failed',
    category: 'UTILITY',
    topic: 'payments',
    sample: { ...AMOUNT, link: 'https://example.com/pay' },
    texts: {
      en: '{{ sender }}: your payment of {{ amount | money: currency }} did not go through. Try again or change your card: {{ link }}',
      ar: '{{ sender }}: لم تتم عملية دفع {{ amount | money: currency }}. حاول مجدداً أو غيّر بطاقتك: {{ link }}',
      hi: '{{ sender }}: आपका {{ amount | money: currency }} का भुगतान नहीं हो सका। फिर कोशिश करें या कार्ड बदलें: {{ link }}',
      es: '{{ sender }}: su pago de {{ amount | money: currency }} no se pudo realizar. Pruebe de nuevo o cambie la tarjeta: {{ link }}',
      fr: "{{ sender }} : votre paiement de {{ amount | money: currency }} n'a pas abouti. Réessayez ou changez de carte : {{ link }}",
    },
  }),
  shippedTemplate({
    code: 'refund_issued',
    name: 'Refund on its way',
    category: 'UTILITY',
    topic: 'payments',
    sample: AMOUNT,
    texts: {
      en: '{{ sender }}: we have refunded {{ amount | money: currency }}. It will reach you within a few days.',
      ar: '{{ sender }}: أعدنا إليك مبلغ {{ amount | money: currency }}، وسيصلك خلال أيام قليلة.',
      hi: '{{ sender }}: हमने {{ amount | money: currency }} वापस कर दिए हैं। कुछ दिनों में आपको मिल जाएंगे।',
      es: '{{ sender }}: le hemos devuelto {{ amount | money: currency }}. Tarda hasta una semana en llegar.',
      fr: '{{ sender }} : nous vous avons remboursé {{ amount | money: currency }}. Vous les recevrez sous quelques jours.',
    },
  }),
  shippedTemplate({
    code: 'invoice_ready',
    name: 'Invoice ready',
    category: 'UTILITY',
    topic: 'payments',
    sample: { ...AMOUNT, invoiceNumber: '2027-0042', link: 'https://example.com/invoices' },
    texts: {
      en: '{{ sender }}: invoice {{ invoiceNumber }} over {{ amount | money: currency }} is ready: {{ link }}',
      ar: '{{ sender }}: الفاتورة {{ invoiceNumber }} بمبلغ {{ amount | money: currency }} جاهزة: {{ link }}',
      hi: '{{ sender }}: {{ amount | money: currency }} का बिल {{ invoiceNumber }} तैयार है: {{ link }}',
      es: '{{ sender }}: ya puede ver la factura {{ invoiceNumber }} de {{ amount | money: currency }}: {{ link }}',
      fr: '{{ sender }} : la facture {{ invoiceNumber }} de {{ amount | money: currency }} est disponible : {{ link }}',
    },
  }),
];
