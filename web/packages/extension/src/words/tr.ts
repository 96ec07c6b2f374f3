import type { Words } from './words.js';

export const tr: Words = {
  description: 'Bağlantınızın küçük bir bölümünü interneti sansürlenen insanlara ödünç verin.',
  ever: 'Bugüne dek kişi',
  sent: 'Bugüne dek veri',
  pauseHour: 'Bir saat duraklat',
  resume: 'Şimdi sürdür',
  options: 'Seçenekler',
  language: 'Dil',
  browserLanguage: 'Tarayıcıdaki gibi',
  theme: 'Renkler',
  themes: { auto: 'Sistemdeki gibi', light: 'Açık', dark: 'Koyu' },
  saved: 'Kaydedildi.',
  background: 'Tarayıcı çalıştığı sürece, açık sayfa olmasa da sürer. Araç çubuğundaki düğmesi onu durdurur.',
  thanks: 'Teşekkürler. Açıldı. Araç çubuğundaki düğme ne yaptığını gösterir ve durdurur.',
  declined: 'Kapalı kalıyor, hiçbir şey gönderilmedi. Fikrinizi değiştirirseniz araç çubuğundaki düğmeye basın.',
  kept: [
    'Siz kabul etmeden kimseyle bağlantı kurulmaz.',
    'Yardım ederken, insanları buluşturan sunucu ve çıkış sunucusu internet adresinizi ve ne zaman yardım ettiğinizi görür; yardım ettiğiniz kişiler adresinizi görür. Hiçbiri hangi sayfaları gezdiğinizi öğrenmez.',
    'Üzerinizden neyin geçtiğini ve kimin için olduğunu göremezsiniz. Eklenti sayfalarınızı, sekmelerinizi veya geçmişinizi göremez: buna izni yoktur.',
    'Tarayıcınız burada ayarladıklarınızı, kaç kişiye yardım ettiğinizi ve ne kadar veri geçtiğini, bir de ağın sizin dünkü yardımcı olduğunuzu anladığı rastgele bir sayıyı saklar. Eklentiyi kaldırmak bunların hepsini siler.',
  ],
  reasons: {
    pause: 'Siz duraklattınız.',
    update: 'Güncelleniyor; sonra kendiliğinden sürer.',
    'not-loaded': 'Eklentinin bir parçası yüklenemedi. Kendiliğinden yeniden dener; düzelmezse yeniden kurun.',
    fault: 'Eklentinin bir parçası hata verdi. Kendiliğinden yeniden başlar.',
    version: 'Bu sürüm ağ için çok eski. Tarayıcınız güncelleyince sürer.',
  },
};
