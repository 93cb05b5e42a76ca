import { phrases, type KeywordList } from './keyword-list.js';

export const HINDI: KeywordList = {
  language: 'hi',
  keywords: {
    OPT_OUT: phrases(`
      बंद, बन्द, बंद करो, बंद करें, बंद करे, बंद कर दो, बंद कीजिए, रोकें, रोको, रोकिए, रुको, रुकें, रोक दो, सदस्यता समाप्त, सदस्यता
      समाप्त करें, सदस्यता रद्द करें, समाप्त, हटाएं, हटाओ, स्टॉप, स्टोप, मुझे हटाएं, मत भेजो, मत भेजें, मत भेजिए, मेरा नंबर हटाओ, नहीं
      चाहिए, मैसेज बंद करो, संदेश बंद करें, band, band karo, band kar do, band karen, band kijiye, roko, ruko, rok do, mat bhejo, mat
      bhejiye, nahi chahiye, message band karo, msg band karo, sms band karo, hatao`),
    CANCEL_OR_OPT_OUT: phrases(`रद्द, रद्द करें, रद्द करो, कैंसल, कैंसिल, कैंसिल करें, रद्द कर दो, cancel karo, cancel kar do, radd`),
    OPT_IN: phrases(`
      शुरू, शुरु, शुरू करें, शुरू करो, चालू, चालू करो, सदस्यता लें, स्टार्ट, shuru, shuru karo, chalu karo, फिर से शुरू करें`),
    HELP: phrases(`मदद, सहायता, मदद करें, मदद करो, जानकारी, मदद चाहिए, हेल्प, madad, sahayata, madad chahiye, jankari`),
    CONFIRM: phrases(`
      हाँ, हां, जी हाँ, जी हां, ठीक है, ठीक, पक्का, पुष्टि, पुष्टि करें, ओके, सहमत, मंजूर, मंज़ूर, बिल्कुल, यस, हाँ जी, हां जी, हाँ
      मैं आऊंगा, haan, ji haan, haan ji, theek hai, thik hai, han ji, pakka`),
  },
  attendance: phrases(`मैं आऊंगा, मैं आऊंगी, ha, han, ji, हा, जी`),
  no: phrases(`
      नहीं, ना, जी नहीं, नही, नहीं आ सकता, नहीं आ सकती, मैं नहीं आ सकता, मैं नहीं आ सकती, nahi, nahin, na, ji nahi, nahi aa sakta`),
  politeness: phrases(`
      कृपया, प्लीज, प्लीज़, धन्यवाद, शुक्रिया, नमस्ते, नमस्कार, अभी, तुरंत, थैंक्यू, थैंक यू, जी, सर, मैडम, भाई, please, pls, plz,
      thanks, thank you, kripya, dhanyavad, namaste, sir, bhai, abhi`),
  groups: {
    me: phrases(`
      मुझे, मुझको, हमें, इस नंबर पर, मेरे नंबर पर, मेरे फोन पर, mujhe, hame, is number par, mere number par`),
    messages: phrases(`
      संदेश, मैसेज, मेसेज, एसएमएस, विज्ञापन, सन्देश, ये संदेश, ये मैसेज, कोई संदेश, कोई मैसेज, और संदेश, और मैसेज, message, messages,
      msg, sms, ye message, सारे मैसेज, आपके संदेश, आपके मैसेज, यह मैसेज`),
    off: phrases(`
      बंद करो, बंद करें, बंद करे, बंद कर दो, बंद कर दें, बंद कीजिए, रोको, रोकें, रोक दो, रोक दें, बंद, band karo, band kar do, band
      karen, band kijiye, rok do, roko, भेजना बंद करो, भेजना बंद करें, भेजना बंद कर दो, भेजना बंद कीजिए, bhejna band karo, करना बंद
      करो, करना बंद करें`),
    not: phrases(`
      मत भेजो, मत भेजें, मत भेजिए, न भेजें, ना भेजें, मत करो, मत करें, नहीं चाहिए, मत भेजना, न भेजो, mat bhejo, mat bhejiye, mat karo,
      nahi chahiye, mat bhejna, ना भेजो`),
    again: phrases(`अब, आगे से, दोबारा, फिर से, कभी, अब से, ab, dobara, aage se, और`),
    number: phrases(`मेरा नंबर, मेरा नाम, mera number, मुझे`),
    remove: phrases(`
      हटाओ, हटा दो, हटाएं, हटा दें, डिलीट करो, निकालो, हटाइए, hatao, hata do, delete karo, सूची से हटाएं, लिस्ट से हटाओ, सूची से हटा
      दें`),
    subscription: phrases(`सदस्यता, मेरी सदस्यता, सब्सक्रिप्शन, meri subscription, मेरा सब्सक्रिप्शन`),
    end: phrases(`समाप्त करें, समाप्त करो, रद्द करें, रद्द करो, बंद करें, बंद करो, band karo, खत्म करो, खत्म करें`),
    appointment: phrases(`
      अपॉइंटमेंट, मेरा अपॉइंटमेंट, मेरी अपॉइंटमेंट, बुकिंग, मेरी बुकिंग, appointment, mera appointment, meri appointment, ऑर्डर, मेरा
      ऑर्डर, booking`),
    cancel: phrases(`
      रद्द करें, रद्द करो, कैंसल करो, कैंसिल करो, कैंसिल करें, रद्द कर दो, cancel karo, cancel kar do, कैंसल कर दो, कैंसिल कर दो`),
    sure: phrases(`पक्का करें, पुष्टि करें, पक्का है, confirm karo, कन्फर्म करो, कन्फर्म करें, confirm hai`),
  },
  rules: {
    OPT_OUT: phrases(`
      [<again>] [<me>] [<again>] <messages> [<again>] <off>, [<again>] [<me>] [<again>] [<messages>] [<again>] <not>, [<me>] <off>,
      <number> <remove>, <subscription> <end>`),
    OPT_IN: phrases(`<messages> शुरू करें, <messages> शुरू करो, <messages> shuru karo, <messages> चालू करो`),
    CANCEL: phrases(`<appointment> <cancel>`),
    CONFIRM: phrases(`<appointment> <sure>`),
  },
  suspicious: phrases(`
      बंद करो, बंद करें, बंद कर दो, मत भेजो, मत भेजें, परेशान, स्पैम, सदस्यता समाप्त, हटाओ, हटा दो, गलत नंबर, mat bhejo, band karo,
      galat number, रोको, रोकें, pareshan, न भेजें, स्टॉप, stop`),
  harmless: phrases(`
      मत रोको, मत रोकें, बंद मत करो, बंद मत करें, band mat karo, mat roko, बस स्टॉप, बंद न करें, बंद ना करें, रोको मत, दवा बंद करो,
      दवा बंद करें, दवाई बंद कर दो, दवा बंद कर दो`),
};
