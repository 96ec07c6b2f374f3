// What the widget itself says, around the frame, in the languages of the frame. Few words, so that they fit into the entry.

export interface Words {
  frame: string;
  privacy: string;
  about: string;
  share: string;
  copied: string;
  started: string;
  leaving: string;
  close: string;
}

const kOrder = ['frame', 'privacy', 'about', 'share', 'copied', 'started', 'leaving', 'close'] as const;

const kWords: Record<string, readonly string[]> = {
  en: [
    'Lend your connection',
    'Privacy',
    'About this',
    'Share',
    'Link copied',
    'You are helping. Thank you.',
    'You are helping people. It ends when you close this page.',
    'Close',
  ],
  ar: [
    'أعِر اتصالك',
    'الخصوصية',
    'عن هذا',
    'مشاركة',
    'تم نسخ الرابط',
    'أنت تساعد. شكرًا لك.',
    'أنت تساعد أشخاصًا. ينتهي ذلك عند إغلاق هذه الصفحة.',
    'إغلاق',
  ],
  es: [
    'Presta tu conexión',
    'Privacidad',
    'Acerca de esto',
    'Compartir',
    'Enlace copiado',
    'Estás ayudando. Gracias.',
    'Estás ayudando a personas. Termina cuando cierras esta página.',
    'Cerrar',
  ],
  fa: [
    'اتصال خود را قرض دهید',
    'حریم خصوصی',
    'دربارهٔ این',
    'هم‌رسانی',
    'پیوند رونوشت شد',
    'شما در حال کمک هستید. سپاس.',
    'شما به مردم کمک می‌کنید. با بستن این صفحه پایان می‌یابد.',
    'بستن',
  ],
  my: [
    'သင့်ချိတ်ဆက်မှုကို မျှဝေပါ',
    'ကိုယ်ရေးလုံခြုံမှု',
    'ဤအကြောင်း',
    'မျှဝေရန်',
    'လင့်ခ် ကူးပြီးပြီ',
    'သင် ကူညီနေသည်။ ကျေးဇူးတင်ပါသည်။',
    'သင် လူများကို ကူညီနေသည်။ ဤစာမျက်နှာကို ပိတ်လျှင် ရပ်မည်။',
    'ပိတ်ရန်',
  ],
  ru: [
    'Поделитесь соединением',
    'Приватность',
    'Об этом',
    'Рассказать',
    'Ссылка скопирована',
    'Вы помогаете. Спасибо.',
    'Вы помогаете людям. Это закончится, когда вы закроете страницу.',
    'Закрыть',
  ],
  tr: [
    'Bağlantınızı paylaşın',
    'Gizlilik',
    'Bunun hakkında',
    'Paylaş',
    'Bağlantı kopyalandı',
    'Yardım ediyorsunuz. Teşekkürler.',
    'İnsanlara yardım ediyorsunuz. Bu sayfayı kapatınca sona erer.',
    'Kapat',
  ],
  uk: [
    'Поділіться з’єднанням',
    'Приватність',
    'Про це',
    'Розповісти',
    'Посилання скопійовано',
    'Ви допомагаєте. Дякуємо.',
    'Ви допомагаєте людям. Це закінчиться, коли ви закриєте сторінку.',
    'Закрити',
  ],
  'zh-hans': [
    '借出您的连接',
    '隐私',
    '关于',
    '分享',
    '链接已复制',
    '您正在提供帮助。谢谢。',
    '您正在帮助他人。关闭此页面后帮助就会结束。',
    '关闭',
  ],
  'zh-hant': [
    '借出您的連線',
    '隱私權',
    '關於',
    '分享',
    '已複製連結',
    '您正在提供幫助。謝謝。',
    '您正在幫助他人。關閉此頁面後幫助就會結束。',
    '關閉',
  ],
};

export interface Spoken {
  lang: string;
  dir: 'ltr' | 'rtl';
  words: Words;
}

// Of the first language that we speak; the frame, which is told the same wishes, chooses the same.
export function wordsFor(wishes: readonly string[]): Spoken {
  for (const wish of wishes) {
    const [language = '', ...rest] = wish.toLowerCase().split('-');
    const traditional = rest.some((part) => ['hant', 'tw', 'hk', 'mo'].includes(part));
    const key = language === 'zh' ? (traditional ? 'zh-hant' : 'zh-hans') : language;
    if (Object.hasOwn(kWords, key)) return spoken(key);
  }
  return spoken('en');
}

function spoken(key: string): Spoken {
  const line = kWords[key] ?? [];
  const words = Object.fromEntries(kOrder.map((name, i) => [name, line[i] ?? ''])) as unknown as Words;
  return { lang: key, dir: key === 'ar' || key === 'fa' ? 'rtl' : 'ltr', words };
}

export const kSpoken = Object.keys(kWords);
