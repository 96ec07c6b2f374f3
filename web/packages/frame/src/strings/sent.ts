// What a browser that helps tells the server that brings people together, in words; only the privacy page has them. Which fields of
// which messages each of them stands for is in docs/ops/widget.md; tests compare that with the messages and with this.
import type { Language } from './strings.js';

export const kSentKeys = [
  'address',
  'browser',
  'number',
  'kind',
  'network',
  'group',
  'places',
  'answers',
  'outcomes',
  'warned',
  'time',
] as const;
export type SentKey = (typeof kSentKeys)[number];

export interface SentWords {
  title: string;
  lead: string;
  lines: Record<SentKey, string>;
}

export const kSent: Record<Language, SentWords> = {
  en: {
    title: 'What the server that brings people together is told',
    lead: 'Only while you help, and encrypted:',
    lines: {
      address: 'Your internet address, as every server sees it, and the country that it is said to be in.',
      browser:
        'What every server is told by a browser: its make and version and that of your system, and which site it runs this from. Not your languages.',
      number: 'Two random numbers of this visit: they tell your browser from others, and not who you are.',
      kind: 'That you help from a web page or an extension, and what it is able to do.',
      network: 'What kind of connection you are behind, as far as it matters for who can reach you.',
      group: 'Which group of people you help: usually everybody; and your invite, where a network asks for one.',
      places: 'How many people may still come to you, and how long the server may wait for them.',
      answers:
        'For each person sent to you: how to connect to your browser, with your internet address in it, or why that is not possible.',
      outcomes: 'Whether that connection came about. Not what passes through it, nor how much.',
      warned: 'Where helping may be dangerous: that you were warned and want to help anyway.',
      time: 'The time by your clock, so that nobody can repeat what you said.',
    },
  },
  ar: {
    title: 'ما يُقال للخادم الذي يجمع الناس',
    lead: 'فقط ما دمت تساعد، ومشفَّرًا:',
    lines: {
      address: 'عنوانك على الإنترنت كما يراه كل خادم، والبلد الذي يُنسب إليه.',
      browser: 'ما يقوله كل متصفح لأي خادم: نوعه وإصداره ونظامك، والموقع الذي يعمل هذا منه. لا لغاتك.',
      number: 'رقمان عشوائيان لهذه الزيارة: يميّزان متصفحك عن غيره ولا يقولان من أنت.',
      kind: 'أنك تساعد من صفحة ويب أو من إضافة، وما تستطيع فعله.',
      network: 'نوع الاتصال الذي أنت خلفه، بقدر ما يهم لمعرفة من يستطيع الوصول إليك.',
      group: 'أي مجموعة من الناس تساعد: الجميع عادةً؛ ودعوتك حيث تطلبها الشبكة.',
      places: 'كم شخصًا يمكن أن يأتي إليك بعد، وكم يجوز للخادم أن ينتظرهم.',
      answers: 'لكل شخص يُرسل إليك: كيف يُتصل بمتصفحك، وفيه عنوانك على الإنترنت، أو لماذا يتعذر ذلك.',
      outcomes: 'هل نجح ذلك الاتصال. لا ما يمر عبره ولا مقداره.',
      warned: 'حيث قد تكون المساعدة خطرة: أنك حُذّرت وتريد المساعدة رغم ذلك.',
      time: 'الوقت بحسب ساعتك، حتى لا يستطيع أحد أن يعيد ما قلته.',
    },
  },
  'es-419': {
    title: 'Qué se le dice al servidor que reúne a las personas',
    lead: 'Solo mientras ayudas, y cifrado:',
    lines: {
      address: 'Tu dirección de internet, como la ve cualquier servidor, y el país al que se dice que pertenece.',
      browser:
        'Lo que un navegador dice a todo servidor: su marca y versión y las de tu sistema, y desde qué sitio funciona esto. No tus idiomas.',
      number: 'Dos números al azar de esta visita: distinguen tu navegador de otros, y no dicen quién eres.',
      kind: 'Que ayudas desde una página web o una extensión, y qué puede hacer.',
      network: 'Detrás de qué tipo de conexión estás, en lo que importa para saber quién puede llegar a ti.',
      group: 'A qué grupo de personas ayudas: normalmente a todas; y tu invitación, si la red pide una.',
      places: 'Cuántas personas pueden llegar todavía, y cuánto puede esperarlas el servidor.',
      answers:
        'Para cada persona que te envían: cómo conectarse a tu navegador, con tu dirección de internet, o por qué no se puede.',
      outcomes: 'Si esa conexión se logró. No lo que pasa por ella, ni cuánto.',
      warned: 'Donde ayudar puede ser peligroso: que se te advirtió y quieres ayudar de todos modos.',
      time: 'La hora de tu reloj, para que nadie pueda repetir lo que dijiste.',
    },
  },
  fa: {
    title: 'به سروری که آدم‌ها را به هم می‌رساند چه گفته می‌شود',
    lead: 'فقط تا وقتی کمک می‌کنید، و رمزنگاری‌شده:',
    lines: {
      address: 'نشانی اینترنتی شما، همان‌طور که هر سروری می‌بیند، و کشوری که گفته می‌شود در آن است.',
      browser:
        'آنچه مرورگر به هر سروری می‌گوید: نوع و نسخهٔ آن و سامانهٔ شما، و اینکه این از کدام سایت اجرا می‌شود. نه زبان‌هایتان.',
      number: 'دو عدد تصادفی برای همین بازدید: مرورگرتان را از بقیه جدا می‌کنند و نمی‌گویند شما کیستید.',
      kind: 'اینکه از یک صفحهٔ وب یا یک افزونه کمک می‌کنید، و چه کاری از آن برمی‌آید.',
      network: 'پشت چه نوع اتصالی هستید، تا جایی که برای دسترسی دیگران به شما مهم است.',
      group: 'به کدام گروه کمک می‌کنید: معمولاً همه؛ و دعوت‌نامه‌تان، اگر شبکه‌ای آن را بخواهد.',
      places: 'چند نفر دیگر می‌توانند پیش شما بیایند و سرور تا کی می‌تواند منتظرشان بماند.',
      answers:
        'برای هر کسی که پیش شما فرستاده می‌شود: راه اتصال به مرورگرتان، با نشانی اینترنتی شما در آن، یا اینکه چرا نمی‌شود.',
      outcomes: 'اینکه آن اتصال برقرار شد یا نه. نه آنچه از آن می‌گذرد و نه مقدارش.',
      warned: 'جایی که کمک کردن شاید خطرناک باشد: اینکه به شما هشدار داده شد و با این حال می‌خواهید کمک کنید.',
      time: 'زمان ساعت شما، تا کسی نتواند گفتهٔ شما را تکرار کند.',
    },
  },
  my: {
    title: 'လူများကို တွေ့ဆုံပေးသော ဆာဗာအား ပြောသည့်အရာများ',
    lead: 'သင်ကူညီနေစဉ်သာ၊ ကုဒ်ဝှက်ထားသည်။',
    lines: {
      address: 'ဆာဗာတိုင်း မြင်သည့် သင့်အင်တာနက်လိပ်စာနှင့် ၎င်းရှိသည်ဟု ဆိုသော နိုင်ငံ။',
      browser: 'ဘရောက်ဇာက ဆာဗာတိုင်းအား ပြောသည့်အရာ။ ၎င်းနှင့် သင့်စနစ်၏ အမျိုးအစား၊ ဗားရှင်း၊ ဤအရာ လာသည့် ဝဘ်ဆိုက်။ သင့်ဘာသာစကားများ မပါပါ။',
      number: 'ဤလည်ပတ်မှုအတွက် ကျပန်းဂဏန်းနှစ်ခု။ သင့်ဘရောက်ဇာကို အခြားများနှင့် ခွဲခြားပေးပြီး သင်မည်သူဖြစ်ကြောင်း မပြောပါ။',
      kind: 'ဝဘ်စာမျက်နှာ သို့မဟုတ် တိုးချဲ့ဆော့ဖ်ဝဲမှ ကူညီနေကြောင်းနှင့် ၎င်းလုပ်နိုင်သည့်အရာ။',
      network: 'သင့်ထံ မည်သူရောက်နိုင်သည်ကို သိရန် လိုသလောက် သင့်ချိတ်ဆက်မှု အမျိုးအစား။',
      group: 'သင်ကူညီသည့် အုပ်စု၊ များသောအားဖြင့် လူတိုင်း။ ကွန်ရက်က တောင်းလျှင် သင့်ဖိတ်ကြားချက်။',
      places: 'သင့်ထံ လူဘယ်နှစ်ယောက် ထပ်လာနိုင်သည်၊ ဆာဗာက ဘယ်လောက်ကြာ စောင့်နိုင်သည်။',
      answers: 'သင့်ထံ ပို့သူတစ်ဦးစီအတွက် သင့်ဘရောက်ဇာသို့ ချိတ်ဆက်နည်း၊ သင့်အင်တာနက်လိပ်စာ ပါဝင်သည်၊ သို့မဟုတ် မရနိုင်သည့် အကြောင်း။',
      outcomes: 'ထိုချိတ်ဆက်မှု ဖြစ်မဖြစ်။ ၎င်းမှ ဖြတ်သွားသည့်အရာ၊ ပမာဏ မပါပါ။',
      warned: 'ကူညီခြင်း အန္တရာယ်ရှိနိုင်သည့်နေရာတွင် သင့်ကို သတိပေးပြီး သင်က ကူညီလိုကြောင်း။',
      time: 'သင်ပြောသည်ကို မည်သူမျှ ပြန်မပြောနိုင်ရန် သင့်နာရီ၏ အချိန်။',
    },
  },
  ru: {
    title: 'Что узнаёт сервер, который сводит людей',
    lead: 'Только пока вы помогаете и в зашифрованном виде:',
    lines: {
      address: 'Ваш адрес в интернете, как его видит любой сервер, и страна, к которой его относят.',
      browser:
        'То, что браузер говорит любому серверу: его марка и версия, ваша система и с какого сайта это работает. Но не ваши языки.',
      number: 'Два случайных числа этого посещения: они отличают ваш браузер от других и не говорят, кто вы.',
      kind: 'Что вы помогаете со страницы или через расширение и что оно умеет.',
      network: 'За каким соединением вы находитесь, насколько это важно для того, кто до вас доберётся.',
      group: 'Какой группе людей вы помогаете: обычно всем; и ваше приглашение, если сеть его требует.',
      places: 'Сколько людей ещё может к вам прийти и как долго сервер может их ждать.',
      answers:
        'О каждом, кого к вам направили: как подключиться к вашему браузеру, с вашим адресом в интернете, или почему это невозможно.',
      outcomes: 'Установилось ли это соединение. Не то, что через него проходит, и не сколько.',
      warned: 'Там, где помогать может быть опасно: что вас предупредили и вы всё равно хотите помогать.',
      time: 'Время по вашим часам, чтобы никто не мог повторить сказанное вами.',
    },
  },
  tr: {
    title: 'İnsanları buluşturan sunucuya ne söylenir',
    lead: 'Yalnızca yardım ederken ve şifreli olarak:',
    lines: {
      address: 'Her sunucunun gördüğü internet adresiniz ve ait olduğu söylenen ülke.',
      browser:
        'Bir tarayıcının her sunucuya söyledikleri: türü ve sürümü, sisteminizinki ve bunun hangi siteden çalıştığı. Dilleriniz değil.',
      number: 'Bu ziyarete özel iki rastgele sayı: tarayıcınızı diğerlerinden ayırır, kim olduğunuzu söylemez.',
      kind: 'Bir web sayfasından mı yoksa eklentiden mi yardım ettiğiniz ve neler yapabildiği.',
      network: 'Size kimin ulaşabileceği için önemli olduğu kadarıyla, nasıl bir bağlantının arkasında olduğunuz.',
      group: 'Hangi gruba yardım ettiğiniz: çoğunlukla herkes; ve ağ istiyorsa davetiniz.',
      places: 'Size daha kaç kişinin gelebileceği ve sunucunun onları ne kadar bekleyebileceği.',
      answers:
        'Size gönderilen her kişi için: tarayıcınıza nasıl bağlanılacağı, internet adresinizle birlikte, ya da bunun neden olmadığı.',
      outcomes: 'Bu bağlantının kurulup kurulmadığı. İçinden ne geçtiği ya da ne kadar geçtiği değil.',
      warned: 'Yardım etmenin tehlikeli olabileceği yerde: uyarıldığınız ve yine de yardım etmek istediğiniz.',
      time: 'Söylediğinizi kimse tekrarlayamasın diye saatinize göre zaman.',
    },
  },
  uk: {
    title: 'Що дізнається сервер, який зводить людей',
    lead: 'Лише поки ви допомагаєте і в зашифрованому вигляді:',
    lines: {
      address: 'Вашу адресу в інтернеті, як її бачить кожен сервер, і країну, до якої її відносять.',
      browser:
        'Те, що браузер каже кожному серверу: його марка й версія, ваша система та з якого сайту це працює. Але не ваші мови.',
      number: 'Два випадкові числа цього відвідування: вони відрізняють ваш браузер від інших і не кажуть, хто ви.',
      kind: 'Що ви допомагаєте зі сторінки чи через розширення і що воно вміє.',
      network: 'За яким з’єднанням ви перебуваєте, наскільки це важливо для того, хто може до вас дістатися.',
      group: 'Якій групі людей ви допомагаєте: зазвичай усім; і ваше запрошення, якщо мережа його вимагає.',
      places: 'Скільки людей ще може до вас прийти і як довго сервер може на них чекати.',
      answers:
        'Про кожного, кого до вас скерували: як під’єднатися до вашого браузера, з вашою адресою в інтернеті, або чому це неможливо.',
      outcomes: 'Чи встановилося це з’єднання. Не те, що через нього проходить, і не скільки.',
      warned: 'Там, де допомагати може бути небезпечно: що вас попередили і ви попри це хочете допомагати.',
      time: 'Час за вашим годинником, щоб ніхто не міг повторити сказане вами.',
    },
  },
  'zh-Hans': {
    title: '负责牵线的服务器会得知什么',
    lead: '仅在您提供帮助期间，并经过加密：',
    lines: {
      address: '您的互联网地址（任何服务器都能看到），以及它据称所在的国家或地区。',
      browser: '浏览器告诉每个服务器的内容：它和您系统的种类与版本，以及这是从哪个网站运行的。不包括您的语言。',
      number: '本次访问的两个随机数：用来区分您的浏览器与其他浏览器，不说明您是谁。',
      kind: '您是通过网页还是扩展程序提供帮助，以及它能做什么。',
      network: '您所处的连接类型，仅限于判断谁能连到您所需的程度。',
      group: '您帮助哪一组人：通常是所有人；以及网络要求时您的邀请。',
      places: '还可以有多少人来找您，以及服务器可以为他们等待多久。',
      answers: '对每个被分配给您的人：如何连接到您的浏览器，其中包含您的互联网地址，或者为何无法连接。',
      outcomes: '该连接是否建立。不包括通过的内容，也不包括数量。',
      warned: '在提供帮助可能有危险的地方：您已被警告并仍然愿意帮助。',
      time: '您的时钟时间，使任何人都无法重复您说过的话。',
    },
  },
  'zh-Hant': {
    title: '負責牽線的伺服器會得知什麼',
    lead: '僅在您提供幫助期間，並經過加密：',
    lines: {
      address: '您的網際網路位址（任何伺服器都能看到），以及它據稱所在的國家或地區。',
      browser: '瀏覽器告訴每個伺服器的內容：它和您系統的種類與版本，以及這是從哪個網站執行的。不包括您的語言。',
      number: '本次造訪的兩個隨機數：用來區分您的瀏覽器與其他瀏覽器，不說明您是誰。',
      kind: '您是透過網頁還是擴充功能提供幫助，以及它能做什麼。',
      network: '您所處的連線類型，僅限於判斷誰能連到您所需的程度。',
      group: '您幫助哪一組人：通常是所有人；以及網路要求時您的邀請。',
      places: '還可以有多少人來找您，以及伺服器可以為他們等待多久。',
      answers: '對每個被分配給您的人：如何連線到您的瀏覽器，其中包含您的網際網路位址，或者為何無法連線。',
      outcomes: '該連線是否建立。不包括通過的內容，也不包括數量。',
      warned: '在提供幫助可能有危險的地方：您已被警告並仍然願意幫助。',
      time: '您的時鐘時間，使任何人都無法重複您說過的話。',
    },
  },
};
